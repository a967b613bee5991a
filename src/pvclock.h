/* SPDX-License-Identifier: MIT */
/*
 * Reading the time page that Xen and KVM share with a guest.
 */
#ifndef PVOPS_PVCLOCK_H
#define PVOPS_PVCLOCK_H

#include "abi/pvclock.h"
#include "ticks.h"

#include <x86/insn.h>

/*
 * Enough for any host that is alive: it writes a few dozen bytes, most often
 * while the CPU that reads them is stopped.
 */
#define PVI_PVCLOCK_TRIES 100000u

struct pvi_pvclock_now {
    uint64_t ns;
    uint32_t mul;
    int8_t shift;
    uint8_t flags; /* PVCLOCK_*, as they are */
};

/* TSC in ticks; 'ordered' if there is an LFENCE to be had (SSE2). */
static inline __attribute__((always_inline)) uint64_t pvi_tsc(bool ordered)
{
    return ordered ? x86_rdtsc_ordered() : x86_rdtsc();
}

/*
 * What 'page' says now; false if it changed meanwhile, or is being changed.
 *
 * A TSC from before the page's own, as another CPU's may be by a little, counts
 * as the page's.
 */
static inline __attribute__((always_inline)) bool
pvi_pvclock_look(const volatile struct pvclock_vcpu_time_info *page,
                 bool ordered, struct pvi_pvclock_now *out_now)
{
    uint32_t version = page->version;
    uint64_t ticks, ns;
    uint32_t mul;
    int8_t shift;
    uint8_t flags;

    x86_barrier();
    ticks = pvi_tsc(ordered) - page->tsc_timestamp;
    ns = page->system_time;
    mul = page->tsc_to_system_mul;
    shift = page->tsc_shift;
    flags = page->flags;
    x86_barrier();
    if ((version & 1) || version != page->version)
        return false;
    if ((int64_t)ticks > 0)
        ns += pvi_ticks_scale(ticks, mul, shift);
    *out_now = (struct pvi_pvclock_now){ ns, mul, shift, flags };
    return true;
}

/* The same, again and again; false if the host never let go of it. */
static inline bool
pvi_pvclock_read(const volatile struct pvclock_vcpu_time_info *page,
                 bool ordered, struct pvi_pvclock_now *out_now)
{
    for (unsigned tries = PVI_PVCLOCK_TRIES; tries; tries--) {
        if (pvi_pvclock_look(page, ordered, out_now))
            return true;
        x86_pause();
    }
    return false;
}

#endif /* PVOPS_PVCLOCK_H */
