/* SPDX-License-Identifier: MIT */
/*
 * Telling a hypervisor where to write the time, and when to stop.
 *
 * Part of clock.c. Xen is called by the instruction itself, so no hypercall
 * page is owned; its time area is one of VCPU's, not shared_info.
 */
#ifndef CLOCK_PAGE_H
#define CLOCK_PAGE_H

#include "abi/hyperv.h"
#include "clock/detect.h"
#include "pvclock.h"

#include <x86/insn.h>
#include <x86/xen_call.h>

/*
 * What lets go of a page: a VCPUOP of Xen's (13, 15), an MSR of KVM's (0x12,
 * 0x4b564d01) or Hyper-V's; 0 if there is nothing to let go of.
 */
static long xen_vcpu_op(const struct pvops_info *info, uint32_t op,
                        uint64_t addr)
{
    struct vcpu_register_time_memory_area area = { addr };
    uint32_t vendor = leaf(info, CPU_LEAF(CPUID_BASIC, EBX));
    uint32_t id = 0;

    if (leaf(info, XEN_LEAF(XEN_CPUID_HVM, EAX)) &
        XEN_HVM_CPUID_VCPU_ID_PRESENT)
        id = leaf(info, XEN_LEAF(XEN_CPUID_HVM, EBX));
    if (vendor == CPUID_0_EBX_AMD || vendor == CPUID_0_EBX_HYGON)
        return x86_xen_vmmcall(__HYPERVISOR_vcpu_op, op, id,
                               (unsigned long)&area, 0);
    return x86_xen_vmcall(__HYPERVISOR_vcpu_op, op, id, (unsigned long)&area,
                          0);
}

static uint32_t kvm_clock_msr(const struct pvops_info *info)
{
    uint32_t features = info->features[PVI_KVM_EAX];

    if (features & KVM_FEATURE_CLOCKSOURCE2)
        return MSR_KVM_SYSTEM_TIME_NEW;
    return features & KVM_FEATURE_CLOCKSOURCE ? MSR_KVM_SYSTEM_TIME : 0;
}

/* Nobody writes to the page any more, nor is its address kept. */
static void page_release(const struct pvops_info *info, uint32_t release)
{
    uint64_t nowhere = 0;

    if (release == VCPUOP_register_vcpu_time_phys_area)
        nowhere = UINT64_MAX;
    if (release == HV_X64_MSR_REFERENCE_TSC)
        nowhere = x86_rdmsr(release) & HV_REFERENCE_TSC_RESERVED;
    if (release > VCPUOP_register_vcpu_time_phys_area)
        x86_wrmsr(release, nowhere);
    else if (release)
        xen_vcpu_op(info, release, nowhere);
}

/* Have 'page' filled and kept up to date. Returns what lets go of it again. */
static uint32_t pvclock_register(const struct pvops_info *info, void *page,
                                 pvops_paddr paddr)
{
    uint32_t msr = kvm_clock_msr(info);

    /* Untouched if nobody fills it: it may be Hyper-V's already. */
    if (!info->base[PVOPS_HYPERVISOR_XEN] && !msr)
        return 0;
    x86_clear(page, sizeof(struct pvclock_vcpu_time_info));
    if (info->base[PVOPS_HYPERVISOR_XEN]) {
        if (!xen_vcpu_op(info, VCPUOP_register_vcpu_time_phys_area, paddr))
            return VCPUOP_register_vcpu_time_phys_area;
        if (!xen_vcpu_op(info, VCPUOP_register_vcpu_time_memory_area,
                         (uintptr_t)page))
            return VCPUOP_register_vcpu_time_memory_area;
    }
    if (msr)
        x86_wrmsr(msr, paddr | KVM_MSR_ENABLED);
    return msr;
}

/*
 * Read 'page' once, after having it filled if it is not Xen PV's. Returns the
 * TSC's frequency by it; 0 if nobody fills it, and then nobody writes to it.
 */
static uint64_t pvclock_begin(const struct pvops_info *info, void *page,
                              pvops_paddr paddr, uint32_t *out_release,
                              struct pvi_pvclock_now *out_now)
{
    uint32_t release = 0;
    uint64_t hz = 0;

    if (info->entry != PVOPS_ENTRY_XEN_PV) {
        release = pvclock_register(info, page, paddr);
        if (!release)
            return 0;
    }
    /* Both fill it before we run again; a zero 'mul' is a page not filled. */
    if (pvi_pvclock_read(page, false, out_now))
        hz = pvi_ticks_hz(out_now->mul, out_now->shift);
    if (!hz)
        page_release(info, release);
    *out_release = release;
    return hz;
}

/*
 * Whether the flags of the page mean something. KVM says so by a feature bit;
 * Xen has always written 0 there before it gave bit 0 its meaning.
 */
static bool pvclock_flags_valid(const struct pvops_info *info)
{
    return info->hypervisor == PVOPS_HYPERVISOR_XEN ||
           info->features[PVI_KVM_EAX] & KVM_FEATURE_CLOCKSOURCE_STABLE;
}

/* 'page', or the time that Xen keeps for a PV domain's VCPU 0, or NULL. */
static void *pvclock_page(const struct pvops_info *info, void *page)
{
    if (page || info->entry != PVOPS_ENTRY_XEN_PV || !info->xen_shared_info)
        return page;
    return (char *)(uintptr_t)info->xen_shared_info + XEN_SHARED_INFO_TIME;
}

/*
 * Hyper-V's page, enabled at 'paddr'. There is one for the whole machine: false
 * if somebody else has it, or it is not offered.
 */
static bool hyperv_page_register(const struct pvops_info *info, void *page,
                                 pvops_paddr paddr)
{
    uint64_t now;

    if (!page ||
        !(info->features[PVI_HYPERV_EAX] & HV_MSR_REFERENCE_TSC_AVAILABLE))
        return false;
    now = x86_rdmsr(HV_X64_MSR_REFERENCE_TSC);
    if (now & HV_REFERENCE_TSC_ENABLE)
        return (now & ~(uint64_t)0xfff) == paddr;
    x86_clear(page, sizeof(struct hv_reference_tsc_page));
    x86_wrmsr(HV_X64_MSR_REFERENCE_TSC, (now & HV_REFERENCE_TSC_RESERVED) |
                                            paddr | HV_REFERENCE_TSC_ENABLE);
    return true;
}

#endif /* CLOCK_PAGE_H */
