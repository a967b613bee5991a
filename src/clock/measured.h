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
/* Polls in one window, 20 ms. */
#define MAX_POLLS (1u << 20)
/* Of so many looks the one that took the shortest time is believed. */
#define LOOKS 8
/* The two windows may differ by this part; the longer is a disturbed one. */
#define STEADY_PART 64

struct timer {
    enum pvops_hz_source source;
    uint32_t hz;              /* APIC: 0 */
    uint32_t mask;            /* of the bits that count */
    unsigned channel;         /* PIT */
    volatile char *registers; /* HPET, xAPIC */
    uint16_t port;            /* PM timer */
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

/* One look; returns how long it took, in ticks of the TSC. */
static uint64_t look_once(const struct timer *timer, struct look *out)
{
    uint16_t port = (uint16_t)(PIT_PORT + timer->channel);
    uint64_t before = x86_rdtsc();
    uint32_t count = 0;
    uint64_t after;

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
        x86_outb(PIT_PORT_CONTROL,
                 (uint8_t)(timer->channel << PIT_CHANNEL_SHIFT | PIT_LATCH));
        break;
    default:
        count = -apic_read(timer, APIC_TIMER_CURRENT);
        break;
    }
    after = x86_rdtsc();
    if (timer->source == PVOPS_HZ_PIT) {
        count = x86_inb(port);
        count = -(count | (uint32_t)x86_inb(port) << 8);
    }
    out->count = count & timer->mask;
    out->tsc = before + (after - before) / 2;
    return after - before;
}

static struct look look(const struct timer *timer)
{
    struct look best = { 0, 0 };
    uint64_t shortest = UINT64_MAX;

    for (unsigned i = 0; i < LOOKS; i++) {
        struct look now;
        uint64_t took = look_once(timer, &now);

        if (took < shortest) {
            shortest = took;
            best = now;
        }
    }
    return best;
}

/*
 * Wait until 'timer' has gone 'ticks' from '*at' on, then look again. Returns
 * how far it went; 0 if it stood still. 'out_tsc' is how far the TSC went.
 */
static uint32_t window(const struct timer *timer, struct look *at,
                       uint32_t ticks, uint64_t *out_tsc)
{
    struct look now = *at;
    uint32_t gone = 0;
    unsigned still = 0;

    for (unsigned polls = 0; gone < ticks; polls++) {
        uint32_t last = now.count;

        look_once(timer, &now);
        last = (now.count - last) & timer->mask;
        gone += last;
        still = last ? 0 : still + 1;
        if (still == STILL_POLLS || polls == MAX_POLLS)
            return 0;
    }
    {
        struct look end = look(timer);

        gone += (end.count - now.count) & timer->mask;
        *out_tsc = end.tsc - at->tsc;
        *at = end;
    }
    return gone;
}

/*
 * TSC's frequency by a timer, over two windows of 20 ms that must agree. If
 * they do not, this CPU did not run for a while: once more.
 */
static bool measure_tsc(const struct timer *timer, struct pvops_hz *row)
{
    row->why = PVOPS_HZ_NOT_COUNTING;
    for (unsigned tries = 0; tries < 2; tries++) {
        struct look at = look(timer);
        uint64_t hz[2];

        for (unsigned i = 0; i < 2; i++) {
            uint64_t tsc;
            uint32_t gone = window(timer, &at, timer->hz / 50, &tsc);

            if (!gone)
                return false;
            /* A pause of seconds would not fit. */
            hz[i] = tsc >> 32 ? 0 : x86_div(tsc * timer->hz, gone, NULL);
        }
        row->why = PVOPS_HZ_UNSTEADY;
        if (hz[0] - hz[1] + hz[0] / STEADY_PART <= hz[0] / STEADY_PART * 2) {
            told(row, (hz[0] + hz[1]) / 2);
            return row->hz;
        }
    }
    return false;
}

static void measure_by_hyperv(struct pvops_info *info)
{
    const struct timer timer = {
        .source = PVOPS_HZ_HYPERV_COUNTER,
        .hz = 10000000,
        .mask = UINT32_MAX,
    };

    if (hyperv_features(info) & HV_MSR_TIME_REF_COUNT_AVAILABLE)
        measure_tsc(&timer, &info->tsc[timer.source]);
}

static void measure_by_hpet(struct pvops_info *info, volatile void *registers)
{
    struct timer timer = {
        .source = PVOPS_HZ_HPET,
        .mask = UINT32_MAX,
        .registers = registers,
    };
    struct pvops_hz *row = &info->tsc[timer.source];
    uint32_t period, config;

    row->why = PVOPS_HZ_NOT_GIVEN;
    if (!registers)
        return;
    period = x86_read32(timer.registers + HPET_PERIOD_FS);
    row->why = PVOPS_HZ_NONSENSE;
    if (!period || period > HPET_PERIOD_FS_MAX)
        return;
    {
        uint64_t hz = x86_div(UINT64_C(1000000000000000), period, NULL);

        if (hz > UINT32_MAX)
            return;
        timer.hz = (uint32_t)hz;
    }
    config = x86_read32(timer.registers + HPET_CONFIG);
    x86_write32(timer.registers + HPET_CONFIG, config | HPET_CONFIG_ENABLE);
    measure_tsc(&timer, row);
    x86_write32(timer.registers + HPET_CONFIG, config);
}

static void measure_by_pm_timer(struct pvops_info *info, uint16_t port)
{
    const struct timer timer = {
        .source = PVOPS_HZ_PM_TIMER,
        .hz = PM_TIMER_HZ,
        .mask = PM_TIMER_MASK,
        .port = port,
    };

    info->tsc[timer.source].why = PVOPS_HZ_NOT_GIVEN;
    if (port)
        measure_tsc(&timer, &info->tsc[timer.source]);
}

static void pit_start(unsigned channel, uint8_t mode)
{
    uint16_t port = (uint16_t)(PIT_PORT + channel);

    x86_outb(PIT_PORT_CONTROL,
             (uint8_t)(channel << PIT_CHANNEL_SHIFT | PIT_BOTH_BYTES | mode));
    x86_outb(port, 0); /* 0x10000 */
    x86_outb(port, 0);
}

/*
 * Channel 2 counts if port 0x61 is there to open its gate; channel 0 always,
 * and is then left as firmware leaves it. Neither's output is waited for:
 * that is what hangs where port 0x61 is absent.
 */
static void measure_by_pit(struct pvops_info *info)
{
    struct timer timer = {
        .source = PVOPS_HZ_PIT,
        .hz = PIT_HZ,
        .mask = 0xffff,
        .channel = 2,
    };
    struct pvops_hz *row = &info->tsc[timer.source];
    uint8_t port_61 = x86_inb(PORT_61);
    bool measured;

    x86_outb(PORT_61,
             (uint8_t)((port_61 & PORT_61_WRITABLE & ~PORT_61_SPEAKER) |
                       PORT_61_GATE_2));
    pit_start(2, PIT_MODE_2);
    measured = measure_tsc(&timer, row);
    x86_outb(PORT_61, port_61 & PORT_61_WRITABLE);
    if (measured)
        return;
    timer.channel = 0;
    pit_start(0, PIT_MODE_2);
    measure_tsc(&timer, row);
    pit_start(0, PIT_MODE_3);
}

/* Best first; those behind one that worked are not touched. */
static void measure(struct pvops_info *info,
                    const struct pvops_probe_options *options)
{
    for (unsigned i = PVOPS_HZ_HYPERV_COUNTER; i <= PVOPS_HZ_PIT; i++) {
        struct pvops_hz *row = &info->tsc[i];

        for (unsigned j = 0; j < i && row->why != PVOPS_HZ_NOT_NEEDED; j++) {
            if (info->tsc[j].hz)
                row->why = PVOPS_HZ_NOT_NEEDED;
        }
        if (row->why == PVOPS_HZ_NOT_NEEDED)
            continue;
        if (info->entry == PVOPS_ENTRY_XEN_PV ||
            (i == PVOPS_HZ_PIT && options->no_pit)) {
            row->why = PVOPS_HZ_FORBIDDEN;
            continue;
        }
        if (i == PVOPS_HZ_HYPERV_COUNTER)
            measure_by_hyperv(info);
        else if (i == PVOPS_HZ_HPET)
            measure_by_hpet(info, options->hpet);
        else if (i == PVOPS_HZ_PM_TIMER)
            measure_by_pm_timer(info, options->pm_timer_port);
        else
            measure_by_pit(info);
    }
}

/*
 * The APIC timer by the TSC, 10 ms. It is masked meanwhile, and everything is
 * put back: one that ran, as UEFI leaves it, begins its period again. One that
 * waits for a TSC deadline is left alone.
 */
static void measure_apic(struct pvops_info *info, volatile void *registers)
{
    struct timer timer = {
        .source = PVOPS_HZ_TSC,
        .mask = UINT32_MAX,
        .registers = registers,
    };
    struct pvops_hz *row = &info->apic[timer.source];
    uint32_t edx = cpu_leaf(info, CPUID_FEATURES, EDX);
    uint32_t lvt, divide, initial;
    struct look from, to;
    uint64_t ticks = x86_div(info->tsc_hz, 100, NULL);
    uint64_t base;

    if (info->entry == PVOPS_ENTRY_XEN_PV || !(edx & CPUID_1_EDX_APIC) ||
        !(edx & CPUID_1_EDX_MSR) || !ticks)
        return;
    base = x86_rdmsr(MSR_IA32_APIC_BASE);
    if (!(base & IA32_APIC_BASE_ENABLED))
        return;
    if (base & IA32_APIC_BASE_X2APIC)
        timer.registers = NULL;
    row->why = PVOPS_HZ_NOT_GIVEN;
    if (!(base & IA32_APIC_BASE_X2APIC) && !registers)
        return;
    row->why = PVOPS_HZ_IN_USE;
    lvt = apic_read(&timer, APIC_LVT_TIMER);
    if ((lvt & (APIC_LVT_MASKED | APIC_LVT_DEADLINE)) == APIC_LVT_DEADLINE)
        return;

    initial = apic_read(&timer, APIC_TIMER_INITIAL);
    divide = apic_read(&timer, APIC_TIMER_DIVIDE);
    apic_write(&timer, APIC_LVT_TIMER, APIC_LVT_MASKED); /* one-shot */
    apic_write(&timer, APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);
    apic_write(&timer, APIC_TIMER_INITIAL, UINT32_MAX);
    from = to = look(&timer);
    for (unsigned i = 0; to.tsc - from.tsc < ticks && i < MAX_POLLS; i++)
        look_once(&timer, &to);
    to = look(&timer);
    apic_write(&timer, APIC_TIMER_DIVIDE, divide);
    apic_write(&timer, APIC_LVT_TIMER, lvt);
    apic_write(&timer, APIC_TIMER_INITIAL, initial);

    to.tsc -= from.tsc;
    to.count -= from.count;
    row->why = PVOPS_HZ_NOT_COUNTING;
    if (to.count && !(to.tsc >> 32) && to.tsc)
        told(row,
             x86_div(to.count * (info->tsc_hz >> 4), (uint32_t)to.tsc, NULL)
                 << 4);
}

#endif /* CLOCK_MEASURED_H */
