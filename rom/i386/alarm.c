/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * VMI's alarms: SetAlarm and CancelAlarm.
 *
 * Nobody calls a ROM when an interrupt arrives, so what repeats must repeat by
 * itself: the PIT's channel 0 (IRQ 0) or the local APIC's timer, whose vector
 * is the kernel's (LVTT), counts for whatever alarms this CPU has by it.
 * Periods that nobody served are one interrupt: the controllers collapse them.
 *
 * Where that is not all that VMI says:
 *     - a periodic alarm comes first after one period, whatever its expiry:
 *       Linux asks for "now" (2.6.24 on) or for "one period from now";
 *     - an alarm beside a periodic one by the same timer comes with its next
 *       tick;
 *     - what is farther away than the timer counts (PIT: 55 ms, APIC: at most
 *       4 s) comes early, once; Linux then sets it again.
 */
#include "clock.h"

#include "abi/cpuid.h"
#include "abi/timer.h"
#include "apic.h"
#include "cpu.h"

/*
 * Both bytes, mode 5, which waits for its gate to open, and nobody ever does:
 * silence. KVM's stops only with a count; QEMU's sends one pulse at its end.
 */
#define PIT_SILENCE       0x3au
#define PIT_ONCE          0x30u /* both bytes, mode 0 */
#define PIT_PERIODIC      0x34u /* both bytes, mode 2 */
#define PIT_MOST          0xffffu
#define APIC_LVT_MODES    (APIC_LVT_DEADLINE | APIC_LVT_PERIODIC)
#define APIC_LVT_PERIODIC 0x20000u

void time_set_alarm(uint32_t flags, uint64_t expiry, uint64_t period);
uint32_t time_cancel_alarm(uint32_t flags);

static uint32_t clamp(uint64_t x, uint32_t least, uint32_t most)
{
    return x < least ? least : x > most ? most : (uint32_t)x;
}

/* 'ns' is 0: nothing more is to come. */
static void run_pit(uint32_t ns, bool periodic)
{
    uint64_t scaled = (uint64_t)ns * PIT_HZ;
    uint32_t ticks = (uint32_t)x86_div(scaled, PVI_NS_PER_S, NULL) + !periodic;

    ticks = ns ? clamp(ticks, 2, PIT_MOST) : PIT_MOST;
    x86_outb(PIT_PORT_CONTROL, !ns        ? PIT_SILENCE
                               : periodic ? PIT_PERIODIC
                                          : PIT_ONCE);
    x86_outb(PIT_PORT, (uint8_t)ticks);
    x86_outb(PIT_PORT, (uint8_t)(ticks >> 8));
}

/*
 * Each access may be an exit to the hypervisor. A kernel that writes LVTT makes
 * it one-shot; the divisor is lost when a CPU is taken out and started again.
 */
static void run_apic(struct rom_state *state, struct rom_cpu *cpu, uint32_t ns,
                     bool periodic)
{
    uint32_t ticks = 0;

    if (!rom_apic_find(state))
        return;
    if (ns)
        ticks =
            clamp(rom_scale(ns, &state->apic_ticks) + !periodic, 1, UINT32_MAX);
    if (periodic || !cpu->one_shot) {
        uint32_t lvt = rom_apic_read(state, APIC_LVT_TIMER) & ~APIC_LVT_MODES;

        rom_apic_write(state, APIC_LVT_TIMER,
                       periodic ? lvt | APIC_LVT_PERIODIC : lvt);
        cpu->one_shot = !periodic;
        cpu->unwired = periodic && lvt & APIC_LVT_MASKED;
    }
    if (ticks)
        rom_apic_write(state, APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);
    rom_apic_write(state, APIC_TIMER_INITIAL, ticks);
}

/* Cycles until an alarm, 0 if it should have come. */
static uint64_t left(struct rom_state *state, const struct rom_alarm *alarm)
{
    uint64_t now = rom_clock_count(state, alarm->flags & 0xff);

    if (alarm->flags & VMI_ALARM_PERIODIC)
        return alarm->period;
    return alarm->expiry > now ? alarm->expiry - now : 0;
}

/* Have a timer count for the alarms that are left. 'set' was set just now. */
static void run(struct rom_state *state, struct rom_cpu *cpu, uint32_t wiring,
                const struct rom_alarm *set)
{
    uint64_t best = UINT64_MAX;
    bool periodic = false;
    uint32_t ns = 0;

    for (unsigned i = 0; i < ROM_ALARMS; i++) {
        struct rom_alarm *alarm = &cpu->alarms[i];
        bool repeats = alarm->flags & VMI_ALARM_PERIODIC;
        uint64_t cycles;

        if (!alarm->flags || (alarm->flags & VMI_ALARM_WIRED_LVTT) != wiring)
            continue;
        cycles = left(state, alarm);
        if (!cycles && alarm != set) {
            alarm->flags = 0;
            continue;
        }
        if (repeats < periodic || (repeats == periodic && cycles >= best))
            continue;
        best = cycles;
        periodic = repeats;
    }
    if (best != UINT64_MAX)
        ns = clamp(rom_scale(best, &state->ns), 1, UINT32_MAX);
    if (wiring)
        run_apic(state, cpu, ns, periodic);
    else
        run_pit(ns, periodic);
}

void rom_alarm_look(struct rom_state *state)
{
    struct rom_cpu *cpu = rom_cpu(state);
    uint32_t interrupts;

    if (!cpu || !cpu->unwired)
        return;
    interrupts = cpu_save();
    cpu = rom_cpu(state);
    if (cpu && cpu->unwired &&
        !(rom_apic_read(state, APIC_LVT_TIMER) & APIC_LVT_MASKED))
        run(state, cpu, VMI_ALARM_WIRED_LVTT, NULL);
    cpu_restore(interrupts);
}

void time_set_alarm(uint32_t flags, uint64_t expiry, uint64_t period)
{
    struct rom_state *state = rom_state_served();
    uint32_t counter = flags & 0xff, wiring = flags & VMI_ALARM_WIRED_LVTT;
    uint32_t interrupts = cpu_save();
    struct rom_cpu *cpu = rom_cpu(state), spare;
    struct rom_alarm *alarm;

    /* Without a slot it is not remembered; it is the only one, then. */
    if (!cpu) {
        x86_clear(&spare, sizeof(spare));
        cpu = &spare;
    }
    if (counter < ROM_ALARMS) {
        uint32_t before;

        alarm = &cpu->alarms[counter];
        before = alarm->flags;
        if (!period)
            flags &= ~VMI_ALARM_PERIODIC;
        *alarm = (struct rom_alarm){ expiry,
                                     period < UINT32_MAX ? (uint32_t)period
                                                         : UINT32_MAX,
                                     flags | ROM_ALARM_SET };
        if (before && (before & VMI_ALARM_WIRED_LVTT) != wiring)
            run(state, cpu, wiring ^ VMI_ALARM_WIRED_LVTT, NULL);
        run(state, cpu, wiring, alarm);
    }
    cpu_restore(interrupts);
}

uint32_t time_cancel_alarm(uint32_t flags)
{
    struct rom_state *state = rom_state_served();
    uint32_t counter = flags & 0xff, was, interrupts = cpu_save();
    struct rom_cpu *cpu = rom_cpu(state);
    bool armed = false;

    if (cpu && counter < ROM_ALARMS && cpu->alarms[counter].flags) {
        struct rom_alarm *alarm = &cpu->alarms[counter];

        armed = left(state, alarm) != 0;
        was = alarm->flags;
        alarm->flags = 0;
        run(state, cpu, was & VMI_ALARM_WIRED_LVTT, NULL);
    }
    cpu_restore(interrupts);
    return armed;
}
