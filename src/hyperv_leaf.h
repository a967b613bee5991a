/* SPDX-License-Identifier: MIT */
/*
 * Reading Hyper-V's CPUID leaves.
 */
#ifndef PVOPS_HYPERV_LEAF_H
#define PVOPS_HYPERV_LEAF_H

#include <pvops/clock.h>

#include "abi/hyperv.h"
#include <x86/insn.h>

/*
 * All zero if Hyper-V does not show itself, shows a signature without the
 * interface Hv#1, or has no such leaf. 'leaf' is relative to the first one.
 */
static inline struct x86_cpuid pvi_hyperv_leaf(const struct pvops_info *info,
                                               uint32_t leaf)
{
    const struct x86_cpuid none = { 0, 0, 0, 0 };
    uint32_t base = info->base[PVOPS_HYPERVISOR_HYPERV];
    struct x86_cpuid r;

    if (!base || base + leaf > info->max_leaf[PVOPS_HYPERVISOR_HYPERV] ||
        x86_cpuid(base + HV_CPUID_INTERFACE, 0).eax != HV_INTERFACE_HV1)
        return none;
    r = x86_cpuid(base + leaf, 0);
    return (r.eax & r.ebx & r.ecx & r.edx) == UINT32_MAX ? none : r;
}

#endif /* PVOPS_HYPERV_LEAF_H */
