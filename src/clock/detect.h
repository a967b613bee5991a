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
#include "clock/features.h"

#include <x86/insn.h>

/* CPUID's answer, an array in this order. */
enum reg { EAX, EBX, ECX, EDX, REGS };

static void cpuid(const struct pvops_info *info, uint32_t leaf,
                  uint32_t subleaf, uint32_t *out)
{
    struct x86_cpuid r = info->entry == PVOPS_ENTRY_XEN_PV
                             ? x86_cpuid_xen_pv(leaf, subleaf)
                             : x86_cpuid(leaf, subleaf);

    out[EAX] = r.eax;
    out[EBX] = r.ebx;
    out[ECX] = r.ecx;
    out[EDX] = r.edx;
}

static uint32_t leaf_below(const struct pvops_info *info, uint32_t leaf,
                           uint32_t max, enum reg reg)
{
    uint32_t r[REGS];

    if (leaf > max)
        return 0;
    cpuid(info, leaf, 0, r);
    return (r[EAX] & r[EBX] & r[ECX] & r[EDX]) == UINT32_MAX ? 0 : r[reg];
}

/*
 * A register of a leaf in one number: in the range of which hypervisor (NONE:
 * the processor's own), how far from its first leaf, and which register.
 */
#define LEAF(which, leaf, reg) ((uint32_t)(which) << 16 | (leaf) << 8 | (reg))

#define CPU_LEAF(leaf, reg)    LEAF(PVOPS_HYPERVISOR_NONE, leaf, reg)
#define XEN_LEAF(leaf, reg)    LEAF(PVOPS_HYPERVISOR_XEN, leaf, reg)
#define KVM_LEAF(leaf, reg)    LEAF(PVOPS_HYPERVISOR_KVM, leaf, reg)
#define VMWARE_LEAF(leaf, reg) LEAF(PVOPS_HYPERVISOR_VMWARE, leaf, reg)
#define HYPERV_LEAF(leaf, reg) LEAF(PVOPS_HYPERVISOR_HYPERV, leaf, reg)

/* Of an absent range the maximum is 0, and nobody asks for a first leaf. */
static uint32_t leaf(const struct pvops_info *info, uint32_t packed)
{
    uint32_t which = packed >> 16;

    return leaf_below(info, info->base[which] + (uint8_t)(packed >> 8),
                      info->max_leaf[which], (enum reg)(uint8_t)packed);
}

#define SIGNATURE_BYTES 12u

/* EBX, ECX and EDX, as they lie in memory. */
static bool is_signature(const char *bytes, const char *signature)
{
    for (unsigned i = 0; i < SIGNATURE_BYTES; i++) {
        if (bytes[i] != signature[i])
            return false;
    }
    return true;
}

static enum pvops_hypervisor identify(const struct pvops_info *info,
                                      uint32_t base, const uint32_t *r)
{
    /* One behind the other, in the order of the enumeration. */
    static const char known[] = XEN_CPUID_SIGNATURE KVM_CPUID_SIGNATURE
        VMWARE_CPUID_SIGNATURE HV_CPUID_SIGNATURE;
    uint32_t interface[REGS];

    for (unsigned i = PVOPS_HYPERVISOR_XEN; i < PVOPS_HYPERVISOR_OTHER; i++) {
        if (is_signature((const char *)&r[EBX],
                         &known[(i - PVOPS_HYPERVISOR_XEN) * SIGNATURE_BYTES]))
            return (enum pvops_hypervisor)i;
    }
    /* Only the first range: beyond it anything may answer. */
    if (base != CPUID_HYPERVISOR)
        return PVOPS_HYPERVISOR_NONE;
    /* The interface, under a vendor's own name. */
    cpuid(info, base + HV_CPUID_INTERFACE, 0, interface);
    if (r[EAX] > base && interface[EAX] == HV_INTERFACE_HV1)
        return PVOPS_HYPERVISOR_HYPERV;
    return PVOPS_HYPERVISOR_OTHER;
}

/* The last leaf, as the first one says; only that one if it is absurd. */
static uint32_t max_of(enum pvops_hypervisor which, uint32_t base,
                       uint32_t said)
{
    /* KVM before Linux 2.6.33 says 0. */
    if (!said && which == PVOPS_HYPERVISOR_KVM)
        return base + KVM_CPUID_FEATURES;
    return said - base < CPUID_HYPERVISOR_STEP ? said : base;
}

/* Trailing zeros end it; what cannot be printed must not be. */
static void keep_signature(struct pvops_info *info, const uint32_t *r)
{
    const char *bytes = (const char *)&r[EBX];

    for (unsigned i = 0; i < SIGNATURE_BYTES; i++) {
        char c = bytes[i];

        info->signature[i] = !c || (c >= ' ' && c <= '~') ? c : '?';
    }
}

/* Fills hypervisor, signature, base and max_leaf. */
static void detect_ranges(struct pvops_info *info)
{
    uint32_t r[REGS];

    if (!x86_has_cpuid())
        return;
    cpuid(info, CPUID_BASIC, 0, r);
    info->max_leaf[PVOPS_HYPERVISOR_NONE] = r[EAX];
    if (info->entry == PVOPS_ENTRY_XEN_PV)
        info->hypervisor = PVOPS_HYPERVISOR_XEN;
    else if (leaf(info, CPU_LEAF(CPUID_FEATURES, ECX)) & CPUID_1_ECX_HYPERVISOR)
        info->hypervisor = PVOPS_HYPERVISOR_OTHER;
    else
        return; /* KVM's leaves may answer all the same: not for us */

    for (uint32_t base = CPUID_HYPERVISOR; base < CPUID_HYPERVISOR_END;
         base += CPUID_HYPERVISOR_STEP) {
        enum pvops_hypervisor which;

        cpuid(info, base, 0, r);
        which = identify(info, base, r);
        if (which == PVOPS_HYPERVISOR_NONE || info->base[which])
            continue;
        info->base[which] = base;
        info->max_leaf[which] = max_of(which, base, r[EAX]);
        /* In the order of the enumeration; 'other' was assumed. */
        if (which <= info->hypervisor) {
            info->hypervisor = which;
            keep_signature(info, r);
        }
    }
}

/* The same, and what the rest of the clock asks for more than once. */
static void detect(struct pvops_info *info)
{
    static const uint32_t kept[PVI_FEATURES] = {
        [PVI_CPU_EDX] = CPU_LEAF(CPUID_FEATURES, EDX),
        [PVI_KVM_EAX] = KVM_LEAF(KVM_CPUID_FEATURES, EAX),
        [PVI_HYPERV_EAX] = HYPERV_LEAF(HV_CPUID_FEATURES, EAX),
        [PVI_HYPERV_EDX] = HYPERV_LEAF(HV_CPUID_FEATURES, EDX),
    };

    detect_ranges(info);
    for (unsigned i = 0; i < PVI_FEATURES; i++)
        info->features[i] = leaf(info, kept[i]);
}

#endif /* CLOCK_DETECT_H */
