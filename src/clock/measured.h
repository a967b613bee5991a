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

/*
 * Polls after which an unchanged counter is dead. The slowest ticks every
 * 0.84 us; no device, nor a software CPU that counts, is polled in under 20 ns.
 */
#define STILL_POLLS 200u
/* Polls in one window, 5 or 20 ms. */
#define MAX_POLLS (1u << 20)
/* Of so many looks the one that took the shortest time is believed. */
#define LOOKS 8
/* The two windows may differ by this part; the longer is a disturbed one. */
#define STEADY_PART 64
/* Ticks of a timer in one window, times the fastest TSC's, fit 64 bits. */
#define GONE_BITS 27

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
    uint32_t part;            /* of a second: the length of a window */
    uint64_t hz;              /* the timer's; the TSC's if that is known */
    uint32_t mask;            /* of the bits that count */
    uint16_t port;            /* PM timer, PIT */
    volatile char *registers; /* HPET, xAPIC */
};

struct look {
    uint64_t tsc;   /* in the middle of the look */
    uint32_t count; /* upwards */
};

static uint32_t apic_read(const struct timer *timer, uint32_t at)
{
    return timer->registers ? x86_read32(timer->registers + at)
                            : (uint32_t)x86_rdmsr(MSR_X2APIC + at / 16);
}

static void apic_write(const struct timer *timer, uint32_t at, uint32_t value)
{
    if (timer->registers)
        x86_write32(timer->registers + at, value);
    else
        x86_wrmsr(MSR_X2APIC + at / 16, value);
}

/* PIT: the control word for the channel at 'port'. */
static void pit_control(uint16_t port, uint32_t command)
{
    x86_outb(PIT_PORT_CONTROL,
             (uint8_t)((port - PIT_PORT) << PIT_CHANNEL_SHIFT | command));
}

/* One look; returns how long it took, in ticks of the TSC. */
static uint64_t look_once(const struct timer *timer, struct look *out)
{
    uint64_t before = x86_rdtsc();
    uint32_t count = 0;
    uint64_t took;

    switch (timer->source) {
    case PVOPS_HZ_HYPERV_COUNTER:
        count = (uint32_t)x86_rdmsr(HV_X64_MSR_TIME_REF_COUNT);
        break;
    case PVOPS_HZ_HPET:
        count = x86_read32(timer->registers + HPET_COUNTER);
        break;
    case PVOPS_HZ_PM_TIMER:
        count = x86_inl(timer->port);
        break;
    case PVOPS_HZ_PIT:
        /* The count of this moment is kept until it has been read. */
        pit_control(timer->port, PIT_LATCH);
        break;
    default:
        count = -apic_read(timer, APIC_TIMER_CURRENT);
        break;
    }
    took = x86_rdtsc() - before;
    if (timer->source == PVOPS_HZ_PIT) {
        count = x86_inb(timer->port);
        count = -(count | (uint32_t)x86_inb(timer->port) << 8);
    }
    out->count = count & timer->mask;
    out->tsc = before + took / 2;
    return took;
}

static void look(const struct timer *timer, struct look *out)
{
    uint64_t shortest = UINT64_MAX;

    for (unsigned i = 0; i < LOOKS; i++) {
        struct look now;
        uint64_t took = look_once(timer, &now);

        if (took < shortest) {
            shortest = took;
            *out = now;
        }
    }
}

/*
 * One window, from '*at' on, which is then its end: the unknown frequency, 0
 * if this CPU did not run for so long that the numbers would not fit. False if
 * the timer or the TSC stood still.
 */
static bool window(const struct timer *timer, struct look *at, uint64_t *out_hz)
{
    uint32_t ticks = (uint32_t)x86_div(timer->hz, timer->part, NULL);
    struct look now = *at, end;
    uint32_t gone = 0, known;
    unsigned still = 0;
    uint64_t tsc;

    for (unsigned polls = 0;; polls++) {
        uint32_t last = now.count;

        tsc = now.tsc - at->tsc;
        if ((timer->source == PVOPS_HZ_TSC ? tsc : gone) >= ticks)
            break;
        look_once(timer, &now);
        last = (now.count - last) & timer->mask;
        gone += last;
        still = last ? 0 : still + 1;
        if (still == STILL_POLLS || polls == MAX_POLLS)
            return false;
    }
    look(timer, &end);
    gone += (end.count - now.count) & timer->mask;
    tsc = end.tsc - at->tsc;
    *at = end;
    *out_hz = 0;
    if (tsc >> 32 || gone >> GONE_BITS)
        return true;
    known = gone;
    if (timer->source == PVOPS_HZ_TSC) {
        known = (uint32_t)tsc;
        tsc = gone;
    }
    if (!known || !tsc)
        return false;
    *out_hz = x86_div(tsc * timer->hz, known, NULL);
    return true;
}

/*
 * A frequency over two windows that must agree. If they do not, this CPU did
 * not run for a while: once more.
 */
static bool measure_by(const struct timer *timer, struct pvops_hz *row)
{
    row->why = PVOPS_HZ_NOT_COUNTING;
    for (unsigned tries = 0; tries < 2; tries++) {
        struct look at;
        uint64_t hz[2];

        look(timer, &at);
        for (unsigned i = 0; i < 2; i++) {
            if (!window(timer, &at, &hz[i]))
                return false;
        }
        row->why = PVOPS_HZ_UNSTEADY;
        if (hz[0] - hz[1] + hz[0] / STEADY_PART <= hz[0] / STEADY_PART * 2) {
            told(row, (hz[0] + hz[1]) / 2);
            return row->hz;
        }
    }
    return false;
}

static void measure_by_hpet(struct timer *timer, struct pvops_hz *row)
{
    volatile char *at = timer->registers + HPET_CONFIG;
    uint32_t period = x86_read32(timer->registers + HPET_PERIOD_FS);
    uint32_t config;

    row->why = PVOPS_HZ_NONSENSE;
    if (!period || period > HPET_PERIOD_FS_MAX)
        return;
    timer->hz = x86_div(UINT64_C(1000000000000000), period, NULL);
    if (timer->hz >> 32)
        return;
    config = x86_read32(at);
    x86_write32(at, config | HPET_CONFIG_ENABLE);
    measure_by(timer, row);
    x86_write32(at, config);
}

static void pit_start(uint16_t port, uint32_t mode)
{
    pit_control(port, PIT_BOTH_BYTES | mode);
    x86_outb(port, 0); /* 0x10000 */
    x86_outb(port, 0);
}

/*
 * Channel 2 counts if port 0x61 is there to open its gate; channel 0 always,
 * and is then left as firmware leaves it. Neither's output is waited for:
 * that is what hangs where port 0x61 is absent.
 */
static void measure_by_pit(struct timer *timer, struct pvops_hz *row)
{
    uint8_t port_61 = x86_inb(PORT_61) & PORT_61_WRITABLE;

    x86_outb(PORT_61, (port_61 & ~PORT_61_SPEAKER) | PORT_61_GATE_2);
    timer->port = PIT_PORT + 2;
    pit_start(timer->port, PIT_MODE_2);
    if (!measure_by(timer, row)) {
        timer->port = PIT_PORT;
        pit_start(timer->port, PIT_MODE_2);
        measure_by(timer, row);
        pit_start(timer->port, PIT_MODE_3);
    }
    x86_outb(PORT_61, port_61);
}

/* Best first; those behind one that worked are not touched. */
static void measure(struct pvops_info *info,
                    const struct pvops_probe_options *options)
{
    for (unsigned i = PVOPS_HZ_HYPERV_COUNTER; i <= PVOPS_HZ_PIT; i++) {
        struct pvops_hz *row = &info->tsc[i];
        enum pvops_hz_source best = choose(info->tsc);
        struct timer timer;

        timer.source = (enum pvops_hz_source)i;
        timer.part = 50;
        timer.mask = UINT32_MAX;
        row->why = PVOPS_HZ_NOT_NEEDED;
        if (best && best < i)
            continue;
        row->why = PVOPS_HZ_FORBIDDEN;
        if (info->entry == PVOPS_ENTRY_XEN_PV)
            continue;
        switch (i) {
        case PVOPS_HZ_HYPERV_COUNTER:
            row->why = PVOPS_HZ_ABSENT;
            timer.hz = 10000000;
            if (hyperv_features(info) & HV_MSR_TIME_REF_COUNT_AVAILABLE)
                measure_by(&timer, row);
            break;
        case PVOPS_HZ_HPET:
            row->why = PVOPS_HZ_NOT_GIVEN;
            timer.registers = options->hpet;
            if (timer.registers)
                measure_by_hpet(&timer, row);
            break;
        case PVOPS_HZ_PM_TIMER:
            row->why = PVOPS_HZ_NOT_GIVEN;
            timer.hz = PM_TIMER_HZ;
            timer.mask = PM_TIMER_MASK;
            timer.port = options->pm_timer_port;
            if (timer.port)
                measure_by(&timer, row);
            break;
        default:
            timer.hz = PIT_HZ;
            timer.mask = PIT_MASK;
            if (!options->no_pit)
                measure_by_pit(&timer, row);
            break;
        }
    }
}

/*
 * The APIC timer by the TSC, 10 ms. It is masked meanwhile, and everything is
 * put back: one that ran, as UEFI leaves it, begins its period again. One that
 * waits for a TSC deadline is left alone.
 */
static void measure_apic(struct pvops_info *info, volatile void *registers)
{
    /* In this order: masked and one-shot first, the count that starts last. */
    static const struct {
        uint32_t at, during;
    } set[] = {
        { APIC_LVT_TIMER, APIC_LVT_MASKED },
        { APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1 },
        { APIC_TIMER_INITIAL, UINT32_MAX },
    };
    struct timer timer = {
        .source = PVOPS_HZ_TSC,
        .part = 200,
        .hz = info->tsc_hz,
        .mask = UINT32_MAX,
        .registers = registers,
    };
    struct pvops_hz *row = &info->apic[timer.source];
    uint32_t edx = leaf(info, CPU_LEAF(CPUID_FEATURES, EDX));
    uint32_t base, lvt, was[3];

    if (info->entry == PVOPS_ENTRY_XEN_PV || !(edx & CPUID_1_EDX_APIC) ||
        !(edx & CPUID_1_EDX_MSR) || !timer.hz)
        return;
    base = (uint32_t)x86_rdmsr(MSR_IA32_APIC_BASE);
    if (!(base & IA32_APIC_BASE_ENABLED))
        return;
    row->why = PVOPS_HZ_NOT_GIVEN;
    if (base & IA32_APIC_BASE_X2APIC)
        timer.registers = NULL;
    else if (!registers)
        return;
    row->why = PVOPS_HZ_IN_USE;
    lvt = apic_read(&timer, APIC_LVT_TIMER);
    if ((lvt & (APIC_LVT_MASKED | APIC_LVT_DEADLINE)) == APIC_LVT_DEADLINE)
        return;
    for (unsigned i = 0; i < 3; i++) {
        was[i] = apic_read(&timer, set[i].at);
        apic_write(&timer, set[i].at, set[i].during);
    }
    measure_by(&timer, row);
    for (unsigned i = 0; i < 3; i++)
        apic_write(&timer, set[i].at, was[i]);
}

#endif /* CLOCK_MEASURED_H */
