/* SPDX-License-Identifier: MIT */
/*
 * Translations that several CPUs forget, by interrupts of the library's own.
 */
#include "internal.h"

void pvops_smp_poll(void)
{
}

PVOPS_OP_CALL void pvi_native_smp_flush_range(const struct pvops_cpus *cpus,
                                              uintptr_t root, uintptr_t address,
                                              size_t pages)
{
    (void)cpus;
    (void)root;
    pvops_mmu_table.flush_range(address, pages);
}

PVOPS_OP_CALL void pvi_native_smp_flush_space(const struct pvops_cpus *cpus,
                                              uintptr_t root)
{
    (void)cpus;
    pvops_mmu_table.flush_asid((unsigned)root & 0xfff);
}

PVOPS_OP_CALL void pvi_native_smp_flush_all(const struct pvops_cpus *cpus)
{
    (void)cpus;
    pvops_mmu_table.flush_all();
}
