/* SPDX-License-Identifier: MIT */
/*
 * Pages whose bytes are not executed: EFER.NXE.
 *
 * Source: Intel SDM volume 3, 4.1.4 and 2.2.1.
 */
#include "mm/entry.h"

#include <pvops/cpu.h>
#include <pvops/pvops.h>

enum { FEATURE_NX = 1 << 20, EFER_NXE = 1 << 11 };

#define LEAF_EXTENDED          UINT32_C(0x80000000)
#define LEAF_EXTENDED_FEATURES UINT32_C(0x80000001)
#define MSR_EFER               UINT32_C(0xc0000080)

pvops_pte entry_no_execute;

void entry_setup(void)
{
    uint32_t regs[4];

    pvops_cpu_cpuid(LEAF_EXTENDED, 0, regs);
    if (regs[0] < LEAF_EXTENDED_FEATURES)
        return;
    pvops_cpu_cpuid(LEAF_EXTENDED_FEATURES, 0, regs);
    if (!(regs[3] & FEATURE_NX))
        return;
    if (pvops_caps() & PVOPS_CAP_RING0)
        pvops_cpu_write_msr(MSR_EFER, pvops_cpu_read_msr(MSR_EFER) | EFER_NXE);
    entry_no_execute = ENTRY_NO_EXECUTE;
}
