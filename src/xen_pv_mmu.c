/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a PV domain: the CPU's own, with machine addresses in them,
 * read-only for the domain and changed by Xen after a look at each change.
 *
 * A kernel's entries have the domain's own ("pseudo-physical") addresses. They
 * become machine addresses by the list that Xen's builder left at
 * start_info.mfn_list, and go back by Xen's list of all frames; x86/xen_64.S
 * does both.
 *
 * An entry that is not present and not zero has its address bits inverted:
 * with the address of real memory in it, the processor of a host that has the
 * L1TF flaw could read that memory, and Xen ends the domain.
 *
 * A root is two: Xen runs user mode on the second, which has the first's slots
 * 0 to 255 and none of the kernel's.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, HYPERVISOR_mmu_update and
 *         HYPERVISOR_mmuext_op; xen/arch/x86/include/asm/shadow.h,
 *         is_l1tf_safe_maddr().
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "xen_pv_batch.h"

#include <x86/percpu.h>
#include <x86/system.h>

enum { PAGE_BYTES = 4096, PAGE_BITS = 12, USER_SLOTS = 256 };

const uint64_t *pvi_xen_pv_p2m;
uint64_t pvi_xen_pv_frames;
const uint64_t *pvi_xen_pv_m2p = (const uint64_t *)MACH2PHYS_VIRT_START;
uintptr_t pvi_xen_pv_cr3;

void pvi_xen_pv_no_page(uint64_t frame)
{
    pvi_panic("xen_pv: this domain has no page at 0x%llx",
              (unsigned long long)frame * PAGE_BYTES);
}

PVOPS_OP_CALL void pvi_xen_pv_write_entry(pvops_pte *entry, pvops_pte value)
{
    pvi_xen_batch_update(pvops_host_paddr(entry), MMU_NORMAL_PT_UPDATE,
                         pvi_xen_pv_make_entry(value));
}

PVOPS_OP_CALL void pvi_xen_pv_modify_entry(pvops_pte *entry, pvops_pte value)
{
    bool keeps = pvi_xen.features & (1u << XENFEAT_mmu_pt_update_preserve_ad);

    pvi_xen_batch_update(pvops_host_paddr(entry),
                         keeps ? MMU_PT_UPDATE_PRESERVE_AD
                               : MMU_NORMAL_PT_UPDATE,
                         pvi_xen_pv_make_entry(value));
}

/* The slots of user mode are in both pages of a root, but for the builder's. */
PVOPS_OP_CALL void pvi_xen_pv_write_root(pvops_pte *entry, pvops_pte value)
{
    pvops_paddr paddr = pvops_host_paddr(entry);
    uint64_t stored = pvi_xen_pv_make_entry(value);

    if (paddr % PAGE_BYTES / sizeof(*entry) >= USER_SLOTS ||
        paddr >> PAGE_BITS == pvi_xen_pv_built_root) {
        pvi_xen_batch_update(paddr, MMU_NORMAL_PT_UPDATE, stored);
        return;
    }
    pvi_xen_pv_begin_batch();
    pvi_xen_batch_update(paddr, MMU_NORMAL_PT_UPDATE, stored);
    pvi_xen_batch_update(paddr + PAGE_BYTES, MMU_NORMAL_PT_UPDATE, stored);
    pvi_xen_pv_end_batch();
}

/* The table says where; NULL on a further CPU before its pvops_cpu_setup(). */
static uintptr_t *kept_root(void)
{
    struct pvops_cpu *cpu;

    if (!pvi_xen_pv_by_segment)
        return &pvi_xen_pv_cr3;
    cpu = pvi_this_cpu();
    return cpu ? &pvi_xen_cpu(cpu)->cr3 : NULL;
}

uintptr_t pvi_xen_pv_loaded_root(void)
{
    return (uintptr_t)(pvi_xen_pv_m2p[(x86_read_cr3() & X86_PTE_ADDRESS) >>
                                      PAGE_BITS]
                       << PAGE_BITS);
}

uintptr_t pvi_xen_pv_active_root(void)
{
    const uintptr_t *kept = kept_root();

    return kept ? *kept : pvi_xen_pv_loaded_root();
}

/*
 * A handler that came between Xen's root and the one that is kept would read,
 * and perhaps activate again, a root that is not active any more. The builder's
 * root takes the user mode's away, which could not be released otherwise.
 */
PVOPS_OP_CALL void pvi_xen_pv_write_cr3(uintptr_t root)
{
    uintptr_t flags = pvops_irq_table.save_flags();
    uint64_t frame = (root & X86_PTE_ADDRESS) >> PAGE_BITS;
    uintptr_t *kept;

    pvops_irq_table.disable();
    pvi_xen_batch_root(pvi_xen_pv_mfn(frame), frame == pvi_xen_pv_built_root
                                                  ? 0
                                                  : pvi_xen_pv_mfn(frame + 1));
    kept = kept_root();
    if (kept)
        *kept = root & X86_PTE_ADDRESS;
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
}

PVOPS_OP_CALL void pvi_xen_pv_flush_page(uintptr_t address)
{
    pvi_xen_batch_flush(address, 1);
}

PVOPS_OP_CALL void pvi_xen_pv_flush_range(uintptr_t address, size_t pages)
{
    pvi_xen_batch_flush(address, pages);
}

/* Xen shows a PV domain no ASIDs, and marks the user's pages global. */
PVOPS_OP_CALL void pvi_xen_pv_flush_asid(unsigned asid)
{
    (void)asid;
    pvi_xen_batch_flush_all();
}

PVOPS_OP_CALL void pvi_xen_pv_flush_all(void)
{
    pvi_xen_batch_flush_all();
}

enum pvops_status pvi_xen_pv_mmu_setup(const struct start_info *start)
{
    if (!start->mfn_list || !start->nr_pages || !start->pt_base) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: start_info has no list of frames or no page tables");
        return PVOPS_E_CORRUPT;
    }
    pvi_xen_pv_p2m = (const uint64_t *)start->mfn_list;
    pvi_xen_pv_frames = start->nr_pages;
    pvi_xen_pv_cr3 = pvi_xen_pv_loaded_root();
    pvi_xen_pv_built_root =
        pvops_host_paddr((const void *)start->pt_base) >> PAGE_BITS;
    pvi.root_pages = 2;
    return PVOPS_OK;
}

#endif
