/* SPDX-License-Identifier: MIT */
/*
 * A TSC to bound a wait by, where the clock tier's is not to be dragged in.
 */
#ifndef PVOPS_TSC_H
#define PVOPS_TSC_H

#include <pvops/clock.h>

#include "abi/cpuid.h"

#include <x86/insn.h>

/* If the probe knows no frequency: rather too long than too short. */
#define PVI_TSC_HZ_UNKNOWN UINT64_C(4000000000)

static inline bool pvi_has_tsc(void)
{
#ifdef __x86_64__
    return true;
#else
    return x86_has_cpuid() &&
           x86_cpuid(CPUID_FEATURES, 0).edx & CPUID_1_EDX_TSC;
#endif
}

/* Ticks a second, or more; 0: there is no TSC. */
static inline uint64_t pvi_tsc_hz_bound(const struct pvops_info *info)
{
    if (!pvi_has_tsc())
        return 0;
    return info->tsc_hz ? info->tsc_hz : PVI_TSC_HZ_UNKNOWN;
}

#endif /* PVOPS_TSC_H */
