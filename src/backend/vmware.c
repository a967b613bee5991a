/* SPDX-License-Identifier: MIT */
/*
 * VMware: a fully virtualised CPU that tells its frequencies.
 *
 * Detects:  the CPUID signature.
 * Installs: nothing: the frequencies, and with them the TSC as a clock for
 *           all CPUs, are clock.c's.
 * Leaves:   everything native; VMware virtualises it in hardware.
 * Host:     pvops_host_map() for the local APIC.
 */
#include "internal.h"

#include "abi/vmware.h"

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_VMWARE] != 0;
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    const struct pvops_info *info = &pvi.info;
    uint32_t base = info->base[PVOPS_HYPERVISOR_VMWARE];

    (void)options;
    if (info->max_leaf[PVOPS_HYPERVISOR_VMWARE] < base + VMWARE_CPUID_FEATURES)
        pvi_log(PVOPS_LOG_INFO, "vmware: no leaf 0x%x: calls by port 0x%x",
                base + VMWARE_CPUID_FEATURES, VMWARE_HYPERVISOR_PORT);
    if (!info->tsc[PVOPS_HZ_VMWARE_CALL].hz)
        pvi_log(PVOPS_LOG_INFO, "vmware: no GETHZ: TSC frequency by %s",
                info->tsc_source == PVOPS_HZ_LEAF_40000010
                    ? "the timing leaf"
                    : "measuring, or the caller");
    return PVOPS_OK;
}

const struct pvi_backend pvi_backend_vmware = {
    .name = "vmware",
    .detect = detect,
    .setup = setup,
    .cpu_setup = pvi_lapic_cpu_setup,
    .cpu_teardown = pvi_lapic_cpu_teardown,
};
