/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a PV domain: the CPU's own, with machine addresses in them,
 * read-only for the domain and changed by Xen after a look at each change.
 *
 * A kernel's entries have the domain's own ("pseudo-physical") addresses. They
 * become machine addresses by the list that Xen's builder left at
 * start_info.mfn_list, and go back by Xen's list of all frames. Every table
 * that alloc_table() is given is pinned: it stays a table, with references of
 * its own, whatever points to it.
 *
 * An entry that is not present and not zero has its address bits inverted:
 * with the address of real memory in it, the processor of a host that has the
 * L1TF flaw could read that memory, and Xen ends the domain.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, HYPERVISOR_mmu_update and
 *         HYPERVISOR_mmuext_op; xen/arch/x86/include/asm/shadow.h,
 *         is_l1tf_safe_maddr().
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "x86/xen_hypercall.h"

#include <x86/percpu.h>
#include <x86/system.h>

enum { PAGE_BYTES = 4096, LEVELS = 4, LEVEL_BITS = 9, PAGE_BITS = 12 };

#define NO_FRAME UINT64_MAX

static const unsigned long *mfn_list;
static uint64_t frames;

/* The tables that Xen's builder made are not pinned one by one. */
static uint64_t built_first, built_end;

const uint64_t *pvi_xen_pv_m2p = (const uint64_t *)MACH2PHYS_VIRT_START;
uintptr_t pvi_xen_pv_cr3;

uint64_t pvi_xen_pv_mfn(uint64_t frame)
{
    uint64_t mfn = frame < frames ? mfn_list[frame] : NO_FRAME;

    if (mfn == NO_FRAME)
        pvi_panic("xen_pv: this domain has no page at 0x%llx",
                  (unsigned long long)frame * PAGE_BYTES);
    return mfn;
}

uint64_t pvi_xen_pv_machine_entry(pvops_pte value)
{
    if (!(value & X86_PTE_PRESENT))
        return value ? value ^ X86_PTE_ADDRESS : 0;
    if (value & PVOPS_PTE_MACHINE)
        return value;
    return (value & ~X86_PTE_ADDRESS) |
           pvi_xen_pv_mfn((value & X86_PTE_ADDRESS) >> PAGE_BITS) << PAGE_BITS;
}

/* The machine address of something in the kernel's memory. */
static uint64_t machine_address(const void *va)
{
    pvops_paddr paddr = pvops_host_paddr(va);

    return pvi_xen_pv_mfn(paddr >> PAGE_BITS) << PAGE_BITS |
           (paddr & (PAGE_BYTES - 1));
}

static long update(uint64_t entry_machine, uint64_t value)
{
    struct mmu_update one = {
        .ptr = entry_machine | MMU_NORMAL_PT_UPDATE,
        .val = value,
    };

    return xen_mmu_update(&one, 1);
}

PVOPS_OP_CALL void pvi_xen_pv_write_entry(pvops_pte *entry, pvops_pte value)
{
    long result =
        update(machine_address(entry), pvi_xen_pv_machine_entry(value));

    if (result < 0)
        pvi_panic("xen_pv: Xen refuses entry 0x%llx at %p (-%u)",
                  (unsigned long long)value, (void *)entry,
                  pvi_xen_errno(result));
}

/* One operation on 'arg', a frame of Xen's or a linear address. */
static long extended(uint32_t cmd, unsigned long arg)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg };

    return xen_mmuext_op(&op, 1);
}

/* The table says where; NULL on a further CPU before its pvops_cpu_setup(). */
static uintptr_t *kept_root(void)
{
    struct pvops_cpu *cpu;

    if (pvops_mmu_table.read_cr3 != pvi_xen_pv_read_cr3)
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

/*
 * A handler that came between Xen's root and the one that is kept would read,
 * and perhaps activate again, a root that is not active any more.
 */
PVOPS_OP_CALL void pvi_xen_pv_write_cr3(uintptr_t root)
{
    uintptr_t flags = pvops_irq_table.save_flags();
    uintptr_t *kept;
    long result;

    root &= X86_PTE_ADDRESS;
    pvops_irq_table.disable();
    result = extended(MMUEXT_NEW_BASEPTR, pvi_xen_pv_mfn(root >> PAGE_BITS));
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the root at 0x%llx (-%u)",
                  (unsigned long long)root, pvi_xen_errno(result));
    kept = kept_root();
    if (kept)
        *kept = root;
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
}

PVOPS_OP_CALL void pvi_xen_pv_flush_page(uintptr_t address)
{
    (void)extended(MMUEXT_INVLPG_LOCAL, address);
}

PVOPS_OP_CALL void pvi_xen_pv_flush_all(void)
{
    (void)extended(MMUEXT_TLB_FLUSH_LOCAL, 0);
}

/*
 * Where the level-1 entry of 'va' is in the active address space, as a machine
 * address, and what is in it; 0 if there is none.
 */
static uint64_t find_entry(uintptr_t va, uint64_t *out_entry)
{
    const uintptr_t *kept = kept_root();
    pvops_paddr table = kept ? *kept : pvi_xen_pv_loaded_root();

    for (unsigned level = LEVELS;; level--) {
        const pvops_pte *entries = pvops_host_va(table);
        const pvops_pte *entry;

        if (!entries)
            return 0;
        entry = &entries[va >> (PAGE_BITS + (level - 1) * LEVEL_BITS) &
                         ((1u << LEVEL_BITS) - 1)];
        *out_entry = *(const volatile pvops_pte *)entry;
        if (!(*out_entry & X86_PTE_PRESENT))
            return 0;
        if (level == 1)
            return (pvi_xen_pv_mfn(table >> PAGE_BITS) << PAGE_BITS) +
                   ((uintptr_t)entry & (PAGE_BYTES - 1));
        table = pvi_xen_pv_read_entry(entry) & X86_PTE_ADDRESS;
    }
}

static void protect_mapping(const void *page, bool writable)
{
    uint64_t entry, machine;
    long result;

    machine = find_entry((uintptr_t)page, &entry);
    if (!machine || !(entry & X86_PTE_WRITE) == !writable)
        return;
    result = update(machine, entry ^ X86_PTE_WRITE);
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses to make %p %s (-%u)", page,
                  writable ? "writable" : "read-only", pvi_xen_errno(result));
    /* A writable mapping that the TLB has as read-only would fault. */
    pvi_xen_pv_flush_page((uintptr_t)page);
}

void pvi_xen_pv_protect(const void *page, bool writable)
{
    const void *alias = pvops_host_va(pvops_host_paddr(page));

    protect_mapping(page, writable);
    if (alias && alias != page)
        protect_mapping(alias, writable);
}

PVOPS_OP_CALL void pvi_xen_pv_alloc_table(uintptr_t level, uintptr_t table)
{
    const void *alias = pvops_host_va(table);
    long result;

    if (alias)
        protect_mapping(alias, false);
    result = extended(MMUEXT_PIN_L1_TABLE + level - 1,
                      pvi_xen_pv_mfn(table >> PAGE_BITS));
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses 0x%llx as a table of level %u (-%u): an "
                  "entry is wrong, or it is mapped writable",
                  (unsigned long long)table, (unsigned)level,
                  pvi_xen_errno(result));
}

PVOPS_OP_CALL void pvi_xen_pv_release_table(uintptr_t level, uintptr_t table)
{
    const void *alias = pvops_host_va(table);
    uint64_t frame = table >> PAGE_BITS;
    long result = extended(MMUEXT_UNPIN_TABLE, pvi_xen_pv_mfn(frame));

    if (result < 0 && (frame < built_first || frame >= built_end))
        pvi_panic("xen_pv: 0x%llx is no table of level %u (-%u)",
                  (unsigned long long)table, (unsigned)level,
                  pvi_xen_errno(result));
    if (alias)
        protect_mapping(alias, true);
}

enum pvops_status pvi_xen_pv_mmu_setup(const struct start_info *start)
{
    if (!start->mfn_list || !start->nr_pages || !start->pt_base) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: start_info has no list of frames or no page tables");
        return PVOPS_E_CORRUPT;
    }
    mfn_list = (const unsigned long *)start->mfn_list;
    frames = start->nr_pages;
    pvi_xen_pv_cr3 = pvi_xen_pv_loaded_root();
    built_first = pvops_host_paddr((const void *)start->pt_base) >> PAGE_BITS;
    built_end = built_first + start->nr_pt_frames;
    return PVOPS_OK;
}

#endif
