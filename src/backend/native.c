/* SPDX-License-Identifier: MIT */
/*
 * Bare metal, and every hypervisor that nobody knows.
 *
 * Detects:  always but in a Xen PV domain, where native ops are fatal; last
 *           of all.
 * Installs: nothing: the tables hold the native ops already.
 * Host:     pvops_host_map() for the local APIC.
 */
#include "internal.h"

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV;
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    (void)options;
    return PVOPS_OK;
}

const struct pvi_backend pvi_backend_native = {
    .name = "native",
    .detect = detect,
    .setup = setup,
    .cpu_setup = pvi_lapic_cpu_setup,
    .cpu_teardown = pvi_lapic_cpu_teardown,
};
