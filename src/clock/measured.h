/* SPDX-License-Identifier: MIT */
/*
 * Frequencies measured against a timer whose own is known.
 *
 * Part of clock.c. Each loop is bounded by a count and by a counter that
 * stands still. A port where nothing is reads as ones and so stands still.
 */
#ifndef CLOCK_MEASURED_H
#define CLOCK_MEASURED_H

#include "abi/timer.h"
#include "clock/told.h"

#include <x86/insn.h>

/* Of so many readings in one look that of the shortest time is believed. */
#define READINGS 8u
/*
 * Looks after which an unchanged counter is dead. The slowest ticks every
 * 0.84 us; no device, nor a software CPU that counts, is read in under 20 ns.
 */
#define STILL_LOOKS (200u / READINGS)
/* Looks in one window, 5 or 20 ms. */
#define MAX_LOOKS ((1u << 20) / READINGS)
/* The two windows may differ by this part; the longer is a disturbed one. */
#define STEADY_PART 64
/* Ticks of a timer in one window, times the fastest TSC's, fit 64 bits. */
#define GONE_BITS 27

#define FS_PER_S UINT64_C(1000000000000000)
/* A shorter period would be a frequency of more than 32 bits. */
#define HPET_PERIOD_FS_MIN 232831u

/* The first source that has a value is the best. */
static enum pvops_hz_source choose(const struct pvops_hz *rows)
{
    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        if (rows[i].hz)
            return (enum pvops_hz_source)i;
    }
    return PVOPS_HZ_NONE;
}

struct timer {
    enum pvops_hz_source source;
    uintptr_t at; /* PM timer, PIT: port; HPET, xAPIC: registers */
};

struct look {
    uint64_t tsc;   /* in the middle of the best reading */
    uint32_t count; /* upwards; only the bits of the mask count */
};

static volatile void *reg(uintptr_t registers, uint32_t offset)
{
    return (volatile char *)registers + offset;
}

/* 'registers' is 0 for x2APIC. */
static uint32_t apic_read(uintptr_t registers, uint32_t at)
{
    return registers ? x86_read32(reg(registers, at))
                     : (uint32_t)x86_rdmsr(MSR_X2APIC + at / 16);
}

static void apic_write(uintptr_t registers, uint32_t at, uint32_t value)
{
    if (registers)
        x86_write32(reg(registers, at), value);
    else
        x86_wrmsr(MSR_X2APIC + at / 16, value);
}

/* PIT: the control word for the channel at 'port'. */
static void pit_control(uint16_t port, uint32_t command)
{
    x86_outb(PIT_PORT_CONTROL,
             (uint8_t)((port - PIT_PORT) << PIT_CHANNEL_SHIFT | command));
}

static void look(const struct timer *timer, struct look *out)
{
    uint16_t port = (uint16_t)timer->at;
    uint64_t shortest = UINT64_MAX;

    for (unsigned i = 0; i < READINGS; i++) {
        uint64_t before = x86_rdtsc(), took;
        uint32_t count = 0;

        switch (timer->source) {
        case PVOPS_HZ_HYPERV_COUNTER:
            count = (uint32_t)x86_rdmsr(HV_X64_MSR_TIME_REF_COUNT);
            break;
        case PVOPS_HZ_HPET:
            count = x86_read32(reg(timer->at, HPET_COUNTER));
            break;
        case PVOPS_HZ_PM_TIMER:
            count = x86_inl(port);
            break;
        case PVOPS_HZ_PIT:
            /* The count of this moment is kept until it has been read. */
            pit_control(port, PIT_LATCH);
            break;
        default:
            count = -apic_read(timer->at, APIC_TIMER_CURRENT);
            break;
        }
        took = x86_rdtsc() - before;
        if (timer->source == PVOPS_HZ_PIT) {
            count = x86_inb(port);
            count = -(count | (uint32_t)x86_inb(port) << 8);
        }
        if (took < shortest) {
            shortest = took;
            out->tsc = before + took / 2;
            out->count = count;
        }
    }
}

/*
 * Measure the TSC by a timer of 'hz', or the APIC timer by the TSC: until one
 * window of 20 or 5 ms agrees with that before it. Most often that is the
 * second; if this CPU did not run for a while, one of four.
 */
static bool measure_by(struct pvops_hz *row, enum pvops_hz_source source,
                       uint64_t hz, uint32_t mask, uintptr_t at)
{
    bool by_tsc = source == PVOPS_HZ_TSC;
    struct timer timer = { source, at };
    uint64_t part = x86_div(hz, by_tsc ? 200 : 50, NULL);
    uint64_t before = UINT64_MAX; /* which agrees with nothing */
    unsigned windows = 4;
    struct look start, now;

    row->why = PVOPS_HZ_NOT_COUNTING;
    look(&timer, &start);
    for (unsigned looks = 0; looks < MAX_LOOKS; looks++) {
        uint64_t gone, tsc, known, found = 0;

        look(&timer, &now);
        gone = (now.count - start.count) & mask;
        tsc = now.tsc - start.tsc;
        known = by_tsc ? tsc : gone;
        if (!gone && looks == STILL_LOOKS)
            break;
        if (known <= part)
            continue;
        /* 0 if this CPU did not run for so long that they do not fit. */
        if (!((tsc | gone << (32 - GONE_BITS)) >> 32))
            found = x86_div((by_tsc ? gone : tsc) * hz, (uint32_t)known, NULL);
        if (before - found + found / STEADY_PART <= found / STEADY_PART * 2) {
            told(row, (before + found) / 2);
            return row->hz;
        }
        before = found;
        start = now;
        looks = 0;
        if (--windows == 0) {
            row->why = PVOPS_HZ_UNSTEADY;
            break;
        }
    }
    return false;
}

/*
 * The row of a timer that is to be measured; NULL if a better one worked, and
 * under Xen PV, which has none.
 */
static struct pvops_hz *wanted(struct pvops_info *info,
                               enum pvops_hz_source source)
{
    enum pvops_hz_source best = choose(info->tsc);
    struct pvops_hz *row = &info->tsc[source];

    row->why = PVOPS_HZ_NOT_NEEDED;
    if (best && best < source)
        return NULL;
    row->why = PVOPS_HZ_FORBIDDEN;
    return info->entry == PVOPS_ENTRY_XEN_PV ? NULL : row;
}

static void measure_by_hyperv(struct pvops_info *info)
{
    struct pvops_hz *row = wanted(info, PVOPS_HZ_HYPERV_COUNTER);

    if (!row)
        return;
    row->why = PVOPS_HZ_ABSENT;
    if (info->features[PVI_HYPERV_EAX] & HV_MSR_TIME_REF_COUNT_AVAILABLE)
        measure_by(row, PVOPS_HZ_HYPERV_COUNTER, HV_TIME_REF_HZ, UINT32_MAX, 0);
}

static void measure_by_hpet(struct pvops_info *info, uintptr_t registers)
{
    struct pvops_hz *row = wanted(info, PVOPS_HZ_HPET);
    uint32_t period, config;

    if (!row)
        return;
    row->why = PVOPS_HZ_NOT_GIVEN;
    if (!registers)
        return;
    row->why = PVOPS_HZ_NONSENSE;
    period = x86_read32(reg(registers, HPET_PERIOD_FS));
    if (period < HPET_PERIOD_FS_MIN || period > HPET_PERIOD_FS_MAX)
        return;
    config = x86_read32(reg(registers, HPET_CONFIG));
    x86_write32(reg(registers, HPET_CONFIG), config | HPET_CONFIG_ENABLE);
    measure_by(row, PVOPS_HZ_HPET, x86_div(FS_PER_S, period, NULL), UINT32_MAX,
               registers);
    x86_write32(reg(registers, HPET_CONFIG), config);
}

static void measure_by_pm_timer(struct pvops_info *info, uint16_t port)
{
    struct pvops_hz *row = wanted(info, PVOPS_HZ_PM_TIMER);

    if (!row)
        return;
    row->why = PVOPS_HZ_NOT_GIVEN;
    if (port)
        measure_by(row, PVOPS_HZ_PM_TIMER, PM_TIMER_HZ, PM_TIMER_MASK, port);
}

static void pit_start(uint16_t port, uint32_t mode)
{
    pit_control(port, PIT_BOTH_BYTES | mode);
    x86_outb(port, 0); /* 0x10000 */
    x86_outb(port, 0);
}

static bool measure_by_channel(struct pvops_hz *row, uint16_t port)
{
    pit_start(port, PIT_MODE_2);
    return measure_by(row, PVOPS_HZ_PIT, PIT_HZ, PIT_MASK, port);
}

/*
 * Channel 2 counts if port 0x61 is there to open its gate; channel 0 always,
 * and is then left as firmware leaves it. Neither's output is waited for:
 * that is what hangs where port 0x61 is absent.
 */
static void measure_by_pit(struct pvops_info *info, bool forbidden)
{
    struct pvops_hz *row = wanted(info, PVOPS_HZ_PIT);
    uint8_t port_61;

    if (!row || forbidden)
        return;
    port_61 = x86_inb(PORT_61) & PORT_61_WRITABLE;
    x86_outb(PORT_61, (port_61 & ~PORT_61_SPEAKER) | PORT_61_GATE_2);
    if (!measure_by_channel(row, PIT_PORT + 2)) {
        measure_by_channel(row, PIT_PORT);
        pit_start(PIT_PORT, PIT_MODE_3);
    }
    x86_outb(PORT_61, port_61);
}

/* Best first; those behind one that worked are not touched. */
static void measure(struct pvops_info *info,
                    const struct pvops_probe_options *options)
{
    measure_by_hyperv(info);
    measure_by_hpet(info, (uintptr_t)options->hpet);
    measure_by_pm_timer(info, options->pm_timer_port);
    measure_by_pit(info, options->no_pit);
}

/*
 * The APIC timer's registers, changed for those in 'values'. Masked and
 * one-shot first; what starts the count last.
 */
static void apic_exchange(uintptr_t registers, uint32_t *values)
{
    static const uint16_t at[] = { APIC_LVT_TIMER, APIC_TIMER_DIVIDE,
                                   APIC_TIMER_INITIAL };

    for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        uint32_t was = apic_read(registers, at[i]);

        apic_write(registers, at[i], values[i]);
        values[i] = was;
    }
}

/*
 * The APIC timer by the TSC, 10 ms. It is masked meanwhile, and everything is
 * put back: one that ran, as UEFI leaves it, begins its period again. One that
 * waits for a TSC deadline is left alone.
 */
static void measure_apic(struct pvops_info *info, uintptr_t registers)
{
    uint32_t values[] = { APIC_LVT_MASKED, APIC_TIMER_DIVIDE_BY_1, UINT32_MAX };
    struct pvops_hz *row = &info->apic[PVOPS_HZ_TSC];
    uint32_t base, lvt;

    if (!info->tsc_hz || !(info->features[PVI_CPU_EDX] & CPUID_1_EDX_MSR))
        return;
    base = (uint32_t)x86_rdmsr(MSR_IA32_APIC_BASE);
    if (!(base & IA32_APIC_BASE_ENABLED))
        return;
    row->why = PVOPS_HZ_NOT_GIVEN;
    if (base & IA32_APIC_BASE_X2APIC)
        registers = 0;
    else if (!registers)
        return;
    row->why = PVOPS_HZ_IN_USE;
    lvt = apic_read(registers, APIC_LVT_TIMER);
    if ((lvt & (APIC_LVT_MASKED | APIC_LVT_DEADLINE)) == APIC_LVT_DEADLINE)
        return;
    apic_exchange(registers, values);
    measure_by(row, PVOPS_HZ_TSC, info->tsc_hz, UINT32_MAX, registers);
    apic_exchange(registers, values);
}

#endif /* CLOCK_MEASURED_H */
