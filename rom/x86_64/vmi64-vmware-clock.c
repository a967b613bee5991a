/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * VMware's time of day, to the microsecond; CMOS knows seconds. A backend that
 * is in no kernel, only in a ROM: docs/rom.md shows how it came to be.
 *
 * Detects:  the CPUID signature.
 * Installs: time.wall_ns, if the call is answered: QEMU's port does not know
 *           it. The clock itself is clock.c's, by the TSC.
 * Host:     nothing.
 */
#include "abi/vmware.h"
#include "internal.h"

#include <x86/insn.h>

enum { NS_PER_S = 1000000000, NS_PER_US = 1000, US_PER_S = 1000000 };

static uint32_t timing_ecx(const struct pvops_info *info)
{
    uint32_t leaf = info->base[PVOPS_HYPERVISOR_VMWARE] + VMWARE_CPUID_FEATURES;

    if (info->max_leaf[PVOPS_HYPERVISOR_VMWARE] < leaf)
        return 0;
    return x86_cpuid(leaf, 0).ecx;
}

/* What is not answered leaves EBX as it was. */
static bool ask(uint64_t *out_ns)
{
    uint32_t features = timing_ecx(&pvi.info);
    struct x86_vmware r = {
        .eax = VMWARE_HYPERVISOR_MAGIC,
        .ebx = UINT32_MAX,
        .ecx = VMWARE_CMD_GETTIME,
    };

    if (features & CPUID_VMWARE_FEATURES_ECX_VMMCALL) {
        x86_vmmcall_vmware(&r);
    } else if (features & CPUID_VMWARE_FEATURES_ECX_VMCALL) {
        x86_vmcall_vmware(&r);
    } else {
        r.edx = VMWARE_HYPERVISOR_PORT;
        x86_inl_vmware(&r);
    }
    if (r.ebx >= US_PER_S)
        return false;
    *out_ns = (uint64_t)r.eax * NS_PER_S + (uint64_t)r.ebx * NS_PER_US;
    return true;
}

PVOPS_OP_CALL static uint64_t wall_ns(void)
{
    uint64_t ns;

    return ask(&ns) ? ns : pvi_native_time_wall_ns();
}

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_VMWARE] != 0;
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    uint64_t ns;

    (void)options;
    if (ask(&ns))
        pvops_time_table.wall_ns = wall_ns;
    else
        pvi_log(PVOPS_LOG_INFO, "vmware-clock: no GETTIME: wall clock by CMOS");
    return PVOPS_OK;
}

const struct pvi_backend pvi_backend_vmware_clock = {
    .name = "vmware-clock",
    .detect = detect,
    .setup = setup,
};
