/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: the cold ops behind a ROM's calls. The hot ones: x86/vmi_32.S.
 */
#include "vmi_32.h"

#if PVOPS_VMI && !defined(__x86_64__)

#include "abi/x86_gate.h"
#include <x86/system.h>

enum { PAGE_BYTES = 4096, MOST_SINGLE_FLUSHES = 32 };

typedef PVOPS_OP_CALL void
set_table_call(const struct x86_descriptor_table *table);
typedef PVOPS_OP_CALL void update_pxe_call(pvops_pte *entry, uint32_t flags);

/* The ROM reloads the segments that there are; the kernel's may be others. */
PVOPS_OP_CALL void pvi_vmi32_load_gdt(void *gdt, unsigned bytes)
{
    struct x86_descriptor_table table = {
        .limit = (uint16_t)(bytes - 1),
        .base = (uintptr_t)gdt,
    };

    ((set_table_call *)pvi_vmi32_targets[VMI_CALL_SetGDT])(&table);
    x86_load_segments(pvi.selectors.kernel_cs, pvi.selectors.kernel_ss);
}

PVOPS_OP_CALL void pvi_vmi32_load_idt(const void *idt, unsigned bytes)
{
    struct x86_descriptor_table table = {
        .limit = (uint16_t)(bytes - 1),
        .base = (uintptr_t)idt,
    };

    ((set_table_call *)pvi_vmi32_targets[VMI_CALL_SetIDT])(&table);
}

PVOPS_OP_CALL void pvi_vmi32_flush_range(uintptr_t address, size_t pages)
{
    if (pages > MOST_SINGLE_FLUSHES) {
        pvops_mmu_table.flush_all();
        return;
    }
    for (; pages; pages--, address += PAGE_BYTES)
        pvops_mmu_table.flush_page(address);
}

/* What the CPU sets meanwhile is kept; then the hypervisor looks again. */
PVOPS_OP_CALL void pvi_vmi32_modify_entry(pvops_pte *entry, pvops_pte value)
{
    pvi_native_mmu_modify_entry(entry, value);
    ((update_pxe_call *)pvi_vmi32_targets[VMI_CALL_UpdatePxE])(entry,
                                                               VMI_PAGE_PT);
}

#endif
