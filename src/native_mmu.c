/* SPDX-License-Identifier: MIT */
/*
 * Bare metal: the cold page-table ops.
 */
#include "internal.h"

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include <x86/insn.h>
#include <x86/system.h>

enum { PAGE_BYTES = 4096, MOST_SINGLE_FLUSHES = 32 };

/*
 * Of a guest each access to CR4 may be an exit, a read among them (KVM by SVM);
 * INVPCID and MOV to CR3 are none where page tables are the CPU's.
 *
 * A change of CR4.PGE, either way, empties the TLB of every PCID.
 */
PVOPS_OP_CALL void pvi_native_mmu_flush_all(void)
{
    if (pvi.has_invpcid) {
        x86_invpcid_all();
    } else if (pvi.has_pge) {
        uintptr_t cr4 = x86_read_cr4();

        x86_write_cr4(cr4 ^ X86_CR4_PGE);
        x86_write_cr4(cr4);
    } else {
        x86_write_cr3(x86_read_cr3());
    }
}

PVOPS_OP_CALL void pvi_native_mmu_flush_range(uintptr_t address, size_t pages)
{
    if (pages > MOST_SINGLE_FLUSHES) {
        pvi_native_mmu_flush_all();
        return;
    }
    for (; pages; pages--, address += PAGE_BYTES)
        x86_invlpg(address);
}

/*
 * Whether the active address space is of this ASID, PCIDs or not: without them
 * there is 0 alone, and where those bits of CR3 are not 0, they say how the
 * root is cached.
 */
static bool is_active(unsigned asid)
{
#ifdef __x86_64__
    return (x86_read_cr3() & X86_CR3_PCID) == asid;
#else
    (void)asid;
    return true;
#endif
}

PVOPS_OP_CALL void pvi_native_mmu_flush_asid(unsigned asid)
{
    if (is_active(asid))
        x86_write_cr3(x86_read_cr3());
    else if (pvi.has_invpcid)
        x86_invpcid_context(asid);
    else
        pvi_native_mmu_flush_all();
}

PVOPS_OP_CALL void pvi_native_mmu_modify_entry(pvops_pte *entry,
                                               pvops_pte value)
{
    pvops_pte seen = *(volatile pvops_pte *)entry;
    pvops_pte set;

    do {
        set = seen & (X86_PTE_ACCESSED | X86_PTE_DIRTY);
    } while (!__atomic_compare_exchange_n(entry, &seen, value | set, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

unsigned pvops_mmu_root_pages(void)
{
    return pvi.root_pages;
}
