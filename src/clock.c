/* SPDX-License-Identifier: MIT */
/*
 * The clock tier: this file is all of it to compile.
 *
 * Each part is a file in src/clock, of functions that only this one uses.
 */
#include <pvops/clock.h>

#include "clock/describe.h"
#include "clock/detect.h"
#include "clock/measured.h"
#include "clock/page.h"
#include "clock/told.h"
#include "pvclock.h"
#include "ticks.h"

#include <x86/insn.h>

/* Parts per million by which 'hz' is above 'chosen'; at most a million. */
static int32_t deviation_ppm(uint64_t hz, uint64_t chosen)
{
    uint64_t apart = hz < chosen ? chosen - hz : hz - chosen;
    int32_t ppm = 1000000;

    /* Below 2^32, so that no division by 64 bits is needed. */
    for (; chosen >> 32; chosen >>= 1)
        apart >>= 1;
    if (apart < chosen)
        ppm = (int32_t)x86_div(apart * 1000000, (uint32_t)chosen, NULL);
    return hz < chosen ? -ppm : ppm;
}

/* Compare every row with the chosen one, whose frequency this returns. */
static uint64_t settle(struct pvops_hz *rows, enum pvops_hz_source source)
{
    uint64_t chosen = rows[source].hz;

    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        if (rows[i].hz)
            rows[i].ppm = deviation_ppm(rows[i].hz, chosen);
    }
    return chosen;
}

static void probe_tsc(struct pvops_info *info,
                      const struct pvops_probe_options *options)
{
    told_by_hyperv(info);
    told_by_vmware(info);
    told_by_timing_leaf(info);
    told_by_xen(info);
    told_by_pvclock(info, options);
    told_by_cpu(info);
    measure(info, options);
    info->tsc_source = choose(info->tsc);
    info->tsc_hz = settle(info->tsc, info->tsc_source);
}

static void probe_apic(struct pvops_info *info,
                       const struct pvops_probe_options *options)
{
    struct pvops_hz *fixed = &info->apic[PVOPS_HZ_FIXED];
    struct pvops_hz *measured = &info->apic[PVOPS_HZ_TSC];
    enum pvops_hz_source source;

    if (info->entry != PVOPS_ENTRY_XEN_PV &&
        info->features[PVI_CPU_EDX] & CPUID_1_EDX_APIC) {
        measured->why = PVOPS_HZ_NOT_NEEDED;
        if (!choose(info->apic)) {
            measured->why = PVOPS_HZ_ABSENT;
            measure_apic(info, (uintptr_t)options->lapic);
        }
        told_by_name(info);
    }
    source = choose(info->apic);
    /* The constant is exact where measuring says that it is the right one. */
    if (source == PVOPS_HZ_TSC && fixed->hz &&
        measured->hz - fixed->hz + (fixed->hz >> 7) <= fixed->hz >> 6)
        source = PVOPS_HZ_FIXED;
    info->apic_source = source;
    info->apic_hz = settle(info->apic, source);
}

void pvops_probe(const struct pvops_probe_options *options,
                 struct pvops_info *out_info)
{
    struct pvops_probe_options none;

    if (!options) {
        x86_clear(&none, sizeof(none));
        options = &none;
    }
    x86_clear(out_info, sizeof(*out_info));
    out_info->entry = options->entry;
    out_info->xen_shared_info = options->xen_shared_info;
    out_info->tsc[PVOPS_HZ_OVERRIDE].hz = options->tsc_hz;
    out_info->apic[PVOPS_HZ_OVERRIDE].hz = options->apic_hz;

    detect(out_info);
    if (out_info->features[PVI_CPU_EDX] & CPUID_1_EDX_TSC) {
        uint32_t max = leaf_below(out_info, CPUID_EXTENDED, UINT32_MAX, EAX);

        out_info->tsc_invariant = leaf_below(out_info, CPUID_POWER, max, EDX) &
                                  CPUID_POWER_EDX_TSC_INV;
        probe_tsc(out_info, options);
    }
    probe_apic(out_info, options);
}

static uint64_t tsc_ns(const struct pvops_clock *clock)
{
    uint64_t ticks = pvi_tsc(clock->ordered) - clock->base_tsc;

    /* Another CPU's may be behind by a little. */
    if ((int64_t)ticks < 0)
        ticks = 0;
    return clock->base_ns + pvi_ticks_scale(ticks, clock->mul, clock->shift);
}

/* 'ns', or what a later reader was shown already. */
static uint64_t guard(struct pvops_clock *clock, uint64_t ns)
{
    uint64_t last = x86_load64(&clock->last_ns);

    /*
     * Who loses to another CPU has a higher 'last' to look at; one that was
     * read too early is noticed by the exchange.
     */
    while (last < ns) {
        uint64_t was = x86_cmpxchg64(&clock->last_ns, last, ns);

        if (was == last)
            return ns;
        last = was;
    }
    return last;
}

static uint64_t counter_ns(void)
{
    return x86_rdmsr(HV_X64_MSR_TIME_REF_COUNT) * 100;
}

/* False: the hypervisor says that its page is of no use at the moment. */
static bool hyperv_page_ns(const struct pvops_clock *clock, uint64_t *out_ns)
{
    const volatile struct hv_reference_tsc_page *page = clock->page;

    for (unsigned tries = PVI_PVCLOCK_TRIES; tries; tries--) {
        uint32_t sequence = page->tsc_sequence;
        uint64_t tsc, scale;
        int64_t offset;

        if (sequence == HV_REFERENCE_TSC_INVALID ||
            sequence == HV_REFERENCE_TSC_INVALID_OLD)
            return false;
        x86_barrier();
        tsc = pvi_tsc(clock->ordered);
        scale = page->tsc_scale;
        offset = page->tsc_offset;
        x86_barrier();
        if (sequence == page->tsc_sequence) {
            *out_ns = (pvi_mul_high(tsc, scale) + (uint64_t)offset) * 100;
            return true;
        }
        x86_pause();
    }
    return false;
}

/* What is seldom read, or was being changed at the first look. */
static __attribute__((noinline)) uint64_t now_slowly(struct pvops_clock *clock)
{
    struct pvi_pvclock_now now;

    switch (clock->kind) {
    case PVOPS_CLOCK_PVCLOCK:
        if (!pvi_pvclock_read(clock->page, clock->ordered, &now))
            break;
        if (now.flags & clock->flags)
            return now.ns - clock->page_ns;
        return guard(clock, now.ns - clock->page_ns);
    case PVOPS_CLOCK_HYPERV_PAGE:
    case PVOPS_CLOCK_HYPERV_COUNTER:
        if (!clock->counter)
            break;
        return guard(clock, counter_ns() - clock->page_ns);
    default:
        return clock->base_ns;
    }
    return guard(clock, tsc_ns(clock));
}

/* Written out where it is read most: a call only of what is seldom. */
uint64_t pvops_clock_now_ns(struct pvops_clock *clock)
{
    struct pvi_pvclock_now now;
    uint64_t ns;

    if (clock->kind == PVOPS_CLOCK_TSC)
        return tsc_ns(clock);
    if (clock->kind == PVOPS_CLOCK_PVCLOCK &&
        pvi_pvclock_look(clock->page, clock->ordered, &now)) {
        ns = now.ns - clock->page_ns;
        return now.flags & clock->flags ? ns : guard(clock, ns);
    }
    if (clock->kind == PVOPS_CLOCK_HYPERV_PAGE && hyperv_page_ns(clock, &ns))
        return ns - clock->page_ns;
    return now_slowly(clock);
}

static bool start_pvclock(struct pvops_clock *clock,
                          const struct pvops_info *info, void *page,
                          pvops_paddr page_paddr)
{
    struct pvi_pvclock_now now;

    page = pvclock_page(info, page);
    if (!page ||
        !pvclock_begin(info, page, page_paddr, &clock->release, &now)) {
        clock->release = 0;
        return false;
    }
    clock->kind = PVOPS_CLOCK_PVCLOCK;
    clock->page = page;
    if (clock->release)
        clock->page_paddr = page_paddr;
    clock->flags = pvclock_flags_valid(info) ? PVCLOCK_TSC_STABLE : 0;
    clock->global = now.flags & clock->flags;
    clock->page_ns = now.ns;
    if (!clock->mul) {
        clock->mul = now.mul;
        clock->shift = now.shift;
    }
    return true;
}

static bool start_hyperv_page(struct pvops_clock *clock,
                              const struct pvops_info *info, void *page,
                              pvops_paddr page_paddr)
{
    if (!hyperv_page_register(info, page, page_paddr))
        return false;
    clock->page = page;
    if (!hyperv_page_ns(clock, &clock->page_ns)) {
        page_release(info, HV_X64_MSR_REFERENCE_TSC);
        clock->page = NULL;
        return false;
    }
    clock->kind = PVOPS_CLOCK_HYPERV_PAGE;
    clock->global = true;
    clock->page_paddr = page_paddr;
    clock->release = HV_X64_MSR_REFERENCE_TSC;
    return true;
}

/* By the TSC if its frequency is known; else it stands still. */
static void go_by_tsc(struct pvops_clock *clock)
{
    clock->kind = PVOPS_CLOCK_NONE;
    clock->global = true;
    if (clock->mul) {
        clock->kind = PVOPS_CLOCK_TSC;
        clock->global = clock->tsc_global;
    }
}

void pvops_clock_start(struct pvops_clock *clock, const struct pvops_info *info,
                       void *page, pvops_paddr page_paddr)
{
    uint32_t edx = info->features[PVI_CPU_EDX];

    x86_clear(clock, sizeof(*clock));
    clock->ordered = edx & CPUID_1_EDX_SSE2;
    clock->counter =
        info->features[PVI_HYPERV_EAX] & HV_MSR_TIME_REF_COUNT_AVAILABLE;
    clock->tsc_global = info->tsc_invariant;
    if (info->tsc_hz)
        pvi_ticks_factors(info->tsc_hz, &clock->mul, &clock->shift);
    go_by_tsc(clock);
    if (edx & CPUID_1_EDX_TSC) {
        clock->base_tsc = pvi_tsc(clock->ordered);
        if (start_pvclock(clock, info, page, page_paddr) ||
            start_hyperv_page(clock, info, page, page_paddr))
            return;
    }
    if (clock->counter && (!clock->mul || !clock->tsc_global)) {
        clock->kind = PVOPS_CLOCK_HYPERV_COUNTER;
        clock->global = true;
        clock->page_ns = counter_ns();
    }
}

void pvops_clock_stop(struct pvops_clock *clock, const struct pvops_info *info)
{
    clock->base_ns = pvops_clock_now_ns(clock);
    page_release(info, clock->release);
    clock->release = 0;
    clock->page = NULL;
    clock->page_paddr = 0;
    if (clock->mul)
        clock->base_tsc = pvi_tsc(clock->ordered);
    go_by_tsc(clock);
}

void pvops_clock_export(const struct pvops_clock *clock,
                        struct pvops_clock_view *out_export)
{
    x86_clear(out_export, sizeof(*out_export));
    /* The counter is an MSR, and shared_info holds more than the time. */
    if (!clock->global || clock->kind == PVOPS_CLOCK_HYPERV_COUNTER ||
        (clock->page && !clock->release))
        return;
    out_export->kind = clock->kind;
    out_export->page = clock->page;
    out_export->page_paddr = clock->page_paddr;
    out_export->page_ns = clock->page_ns;
    out_export->base_tsc = clock->base_tsc;
    out_export->base_ns = clock->base_ns;
    out_export->mul = clock->mul;
    out_export->shift = clock->shift;
}
