/* SPDX-License-Identifier: MIT */
/*
 * Which hypervisors show themselves, and reading their leaves.
 *
 * Part of clock.c. A leaf beyond its range's maximum, or all ones, is absent:
 * all zero. So is every leaf where there is no CPUID.
 */
#ifndef CLOCK_DETECT_H
#define CLOCK_DETECT_H

#include <pvops/clock.h>

#include "abi/cpuid.h"
#include "abi/hyperv.h"
#include "abi/kvm.h"
#include "abi/vmware.h"
#include "abi/xen_time.h"

#include <x86/insn.h>

static struct x86_cpuid cpuid(const struct pvops_info *info, uint32_t leaf,
                              uint32_t subleaf)
{
    return info->entry == PVOPS_ENTRY_XEN_PV ? x86_cpuid_xen_pv(leaf, subleaf)
                                             : x86_cpuid(leaf, subleaf);
}

/* Of CPUID's answer. */
enum reg { EAX, EBX, ECX, EDX };

static uint32_t leaf_below(const struct pvops_info *info, uint32_t leaf,
                           uint32_t max, enum reg reg)
{
    uint32_t r[4] = { 0, 0, 0, 0 };

    if (leaf <= max) {
        struct x86_cpuid is = cpuid(info, leaf, 0);

        if ((is.eax & is.ebx & is.ecx & is.edx) != UINT32_MAX) {
            r[EAX] = is.eax;
            r[EBX] = is.ebx;
            r[ECX] = is.ecx;
            r[EDX] = is.edx;
        }
    }
    return r[reg];
}

/* Of one of the processor's own leaves, basic or extended. */
static uint32_t cpu_leaf(const struct pvops_info *info, uint32_t leaf,
                         enum reg reg)
{
    uint32_t max = 0;

    if (x86_has_cpuid())
        max = cpuid(info, leaf & CPUID_EXTENDED, 0).eax;
    return leaf_below(info, leaf, max, reg);
}

/* Of 'leaf' of the range that 'which' begins. */
static uint32_t hypervisor_leaf(const struct pvops_info *info,
                                enum pvops_hypervisor which, uint32_t leaf,
                                enum reg reg)
{
    uint32_t base = info->base[which];

    return leaf_below(info, base + leaf, base ? info->max_leaf[which] : 0, reg);
}

/* EBX, ECX and EDX, as twelve characters. */
static bool is_signature(const struct x86_cpuid *r, const char *signature)
{
    const uint32_t words[] = { r->ebx, r->ecx, r->edx };

    for (unsigned i = 0; i < 12; i++) {
        if ((char)(words[i / 4] >> i % 4 * 8) != signature[i])
            return false;
    }
    return true;
}

static enum pvops_hypervisor identify(const struct pvops_info *info,
                                      uint32_t base, const struct x86_cpuid *r)
{
    static const char known[][13] = {
        [PVOPS_HYPERVISOR_XEN] = XEN_CPUID_SIGNATURE,
        [PVOPS_HYPERVISOR_KVM] = KVM_CPUID_SIGNATURE,
        [PVOPS_HYPERVISOR_VMWARE] = VMWARE_CPUID_SIGNATURE,
        [PVOPS_HYPERVISOR_HYPERV] = HV_CPUID_SIGNATURE,
    };

    for (unsigned i = PVOPS_HYPERVISOR_XEN; i < PVOPS_HYPERVISOR_OTHER; i++) {
        if (is_signature(r, known[i]))
            return (enum pvops_hypervisor)i;
    }
    /* Only the first range: beyond it anything may answer. */
    if (base != CPUID_HYPERVISOR)
        return PVOPS_HYPERVISOR_NONE;
    /* The interface, under a vendor's own name. */
    if (r->eax > base &&
        cpuid(info, base + HV_CPUID_INTERFACE, 0).eax == HV_INTERFACE_HV1)
        return PVOPS_HYPERVISOR_HYPERV;
    return PVOPS_HYPERVISOR_OTHER;
}

/* At most 0xff leaves behind 'base', whatever is said. */
static uint32_t max_of(enum pvops_hypervisor which, uint32_t base,
                       uint32_t said)
{
    /* KVM before Linux 2.6.33 says 0. */
    if (!said && which == PVOPS_HYPERVISOR_KVM)
        return base + KVM_CPUID_FEATURES;
    if (said < base || said == UINT32_MAX)
        return base;
    if (said - base >= CPUID_HYPERVISOR_STEP)
        return base + CPUID_HYPERVISOR_STEP - 1;
    return said;
}

static void keep_signature(struct pvops_info *info, const struct x86_cpuid *r)
{
    const uint32_t words[] = { r->ebx, r->ecx, r->edx };

    for (unsigned i = 0; i < 12; i++) {
        char c = (char)(words[i / 4] >> i % 4 * 8);

        /* Trailing zeros end it; what cannot be printed must not be. */
        info->signature[i] = !c || (c >= ' ' && c <= '~') ? c : '?';
    }
}

/* Fills hypervisor, signature, base and max_leaf. */
static void detect(struct pvops_info *info)
{
    if (info->entry == PVOPS_ENTRY_XEN_PV)
        info->hypervisor = PVOPS_HYPERVISOR_XEN;
    else if (cpu_leaf(info, CPUID_FEATURES, ECX) & CPUID_1_ECX_HYPERVISOR)
        info->hypervisor = PVOPS_HYPERVISOR_OTHER;
    else
        return; /* KVM's leaves may answer all the same: not for us */

    for (uint32_t base = CPUID_HYPERVISOR; base < CPUID_HYPERVISOR_END;
         base += CPUID_HYPERVISOR_STEP) {
        struct x86_cpuid r = cpuid(info, base, 0);
        enum pvops_hypervisor which = identify(info, base, &r);

        if (which == PVOPS_HYPERVISOR_NONE || info->base[which])
            continue;
        info->base[which] = base;
        info->max_leaf[which] = max_of(which, base, r.eax);
        /* In the order of the enumeration; 'other' was assumed. */
        if (which <= info->hypervisor) {
            info->hypervisor = which;
            keep_signature(info, &r);
        }
    }
}

#endif /* CLOCK_DETECT_H */
