/* SPDX-License-Identifier: MIT */
/*
 * Frequencies that a hypervisor or the processor tells. Nothing is measured.
 *
 * Part of clock.c.
 */
#ifndef CLOCK_TOLD_H
#define CLOCK_TOLD_H

#include "clock/page.h"
#include "vmware_call.h"

#include <x86/insn.h>

/* Beyond these a value is nonsense: no TSC or APIC timer was ever there. */
#define MIN_HZ 1000000u
#define MAX_HZ UINT64_C(100000000000)

static void told(struct pvops_hz *row, uint64_t hz)
{
    if (hz >= MIN_HZ && hz <= MAX_HZ)
        row->hz = hz;
    else
        row->why = PVOPS_HZ_NONSENSE;
}

static void told_by_hyperv(struct pvops_info *info)
{
    /* One bit says that they exist, the other that they are ours to read. */
    if (!(info->features[PVI_HYPERV_EAX] & HV_ACCESS_FREQUENCY_MSRS) ||
        !(info->features[PVI_HYPERV_EDX] & HV_FREQUENCY_MSRS_AVAILABLE))
        return;
    told(&info->tsc[PVOPS_HZ_HYPERV_MSR], x86_rdmsr(HV_X64_MSR_TSC_FREQUENCY));
    told(&info->apic[PVOPS_HZ_HYPERV_MSR],
         x86_rdmsr(HV_X64_MSR_APIC_FREQUENCY));
}

static void told_by_vmware(struct pvops_info *info)
{
    uint32_t bits = leaf(info, VMWARE_LEAF(VMWARE_CPUID_FEATURES, ECX));
    struct x86_vmware r = {
        .eax = VMWARE_HYPERVISOR_MAGIC,
        .ebx = UINT32_MAX,
        .ecx = VMWARE_CMD_GETHZ,
    };

    if (!info->base[PVOPS_HYPERVISOR_VMWARE])
        return;
    pvi_vmware_call(bits, &r);
    /* Unanswered, EBX is as it was, and that is beyond MAX_HZ. */
    told(&info->tsc[PVOPS_HZ_VMWARE_CALL], (uint64_t)r.ebx << 32 | r.eax);
    told(&info->apic[PVOPS_HZ_VMWARE_CALL], r.ecx);
    /* VMware's virtual TSC keeps its rate on any host. */
    info->tsc_invariant |= info->tsc[PVOPS_HZ_VMWARE_CALL].hz != 0;
}

static void told_khz(struct pvops_hz *row, uint32_t khz)
{
    told(row, (uint64_t)khz * 1000);
}

/* Xen's and Hyper-V's ranges have something else there, or nothing. */
static void told_by_timing_leaf(struct pvops_info *info)
{
    const uint32_t known = 1u << PVOPS_HYPERVISOR_KVM |
                           1u << PVOPS_HYPERVISOR_VMWARE |
                           1u << PVOPS_HYPERVISOR_OTHER;
    uint32_t which = info->hypervisor;

    if (!(known >> which & 1) ||
        info->max_leaf[which] < info->base[which] + CPUID_HYPERVISOR_TIMING)
        return;
    told_khz(&info->tsc[PVOPS_HZ_LEAF_40000010],
             leaf(info, LEAF(which, CPUID_HYPERVISOR_TIMING, EAX)));
    told_khz(&info->apic[PVOPS_HZ_LEAF_40000010],
             leaf(info, LEAF(which, CPUID_HYPERVISOR_TIMING, EBX)));
}

static void told_by_xen(struct pvops_info *info)
{
    uint32_t at = info->base[PVOPS_HYPERVISOR_XEN] + XEN_CPUID_TIME;
    uint32_t r[REGS], host[REGS];

    if (info->max_leaf[PVOPS_HYPERVISOR_XEN] < at)
        return;
    cpuid(info, at, 0, r);
    cpuid(info, at, XEN_CPUID_TIME_HOST, host);
    if (r[EAX] & (XEN_CPUID_TIME_EMULATED | XEN_CPUID_TIME_RELIABLE))
        info->tsc_invariant = true;
    /* A PV dom0's is 0; its TSC is the host's. */
    if (!r[ECX] && !(r[EAX] & XEN_CPUID_TIME_EMULATED))
        r[ECX] = host[EAX];
    told_khz(&info->tsc[PVOPS_HZ_XEN_LEAF], r[ECX]);
}

/* The page is the hypervisor's during this call only. */
static void told_by_pvclock(struct pvops_info *info,
                            const struct pvops_probe_options *options)
{
    struct pvops_hz *row = &info->tsc[PVOPS_HZ_PVCLOCK];
    void *page = options->page;
    struct pvi_pvclock_now now;
    uint32_t release;
    uint64_t hz;

    if (info->entry == PVOPS_ENTRY_XEN_PV)
        page = pvclock_page(info, NULL);
    else if (!info->base[PVOPS_HYPERVISOR_XEN] && !kvm_clock_msr(info))
        return;
    if (page) {
        hz = pvclock_begin(info, page, options->page_paddr, &release, &now);
        if (hz)
            page_release(info, release);
        told(row, hz);
    } else {
        row->why = PVOPS_HZ_NOT_GIVEN;
    }
}

/*
 * Intel's leaves. Under a hypervisor they may be the host's, whose TSC is
 * another one: https://github.com/oven-sh/bun/pull/31295.
 */
static void told_by_cpu(struct pvops_info *info)
{
    struct pvops_hz *tsc = &info->tsc[PVOPS_HZ_CPUID_15];
    struct pvops_hz *apic = &info->apic[PVOPS_HZ_CPUID_15];
    struct pvops_hz *base = &info->tsc[PVOPS_HZ_CPUID_16];
    uint32_t eax = leaf(info, CPU_LEAF(CPUID_TSC, EAX));
    uint32_t ebx = leaf(info, CPU_LEAF(CPUID_TSC, EBX));
    uint32_t ecx = leaf(info, CPU_LEAF(CPUID_TSC, ECX));
    uint32_t mhz =
        leaf(info, CPU_LEAF(CPUID_FREQUENCY, EAX)) & CPUID_FREQUENCY_EAX_MHZ;

    if (info->hypervisor) {
        if (eax)
            tsc->why = apic->why = PVOPS_HZ_HYPERVISOR;
        if (mhz)
            base->why = PVOPS_HZ_HYPERVISOR;
        return;
    }
    /* Without the crystal's frequency the ratio is of no use. */
    if (eax && ebx && ecx) {
        told(tsc, x86_div((uint64_t)ecx * ebx, eax, NULL));
        told(apic, ecx);
    }
    if (mhz)
        told_khz(base, mhz * 1000);
}

static void told_by_name(struct pvops_info *info)
{
    struct pvops_hz *row = &info->apic[PVOPS_HZ_FIXED];

    if (info->hypervisor == PVOPS_HYPERVISOR_XEN)
        row->hz = XEN_APIC_HZ;
    else if (info->hypervisor == PVOPS_HYPERVISOR_KVM)
        row->hz = KVM_APIC_HZ;
}

#endif /* CLOCK_TOLD_H */
