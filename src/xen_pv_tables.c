/* SPDX-License-Identifier: MIT */
/*
 * Pages that become page tables of a PV domain, and ordinary ones again.
 *
 * Xen lets a page be a table as long as nothing maps it writable, and looks at
 * all its entries when the first entry above begins to point to it. A root has
 * none above: it is pinned, which is a reference without an entry. So are both
 * pages of one; the tables below are held by it.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, MMUEXT_PIN_L4_TABLE;
 *         xen/arch/x86/mm.c, get_page_type() and put_page_type().
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "xen_pv_batch.h"

enum {
    PAGE_BYTES = 4096,
    PAGE_BITS = 12,
    LEVELS = 4,
    LEVEL_BITS = 9,
    USER_SLOTS = 256,
};

#define NO_FRAME UINT64_MAX

uint64_t pvi_xen_pv_built_root = NO_FRAME;

/*
 * Where the level-1 entry of 'va' is in the active address space, as a machine
 * address, and what is in it; 0 if there is none. '*out_tables': of those that
 * lead to it, as pvi_xen_batch_settle() takes them.
 */
static uint64_t find_entry(uintptr_t va, uint64_t *out_entry,
                           uint64_t *out_tables)
{
    pvops_paddr table = pvi_xen_pv_active_root();

    *out_tables = 0;
    for (unsigned shift = PAGE_BITS + (LEVELS - 1) * LEVEL_BITS;;
         shift -= LEVEL_BITS) {
        unsigned index = va >> shift & ((1u << LEVEL_BITS) - 1);
        const volatile pvops_pte *entries = pvops_host_va(table);

        if (!entries)
            return 0;
        *out_tables |= pvi_xen_batch_bit(table);
        *out_entry = entries[index];
        if (!(*out_entry & X86_PTE_PRESENT))
            return 0;
        if (shift == PAGE_BITS)
            return (pvi_xen_pv_mfn(table >> PAGE_BITS) << PAGE_BITS) +
                   index * sizeof(*entries);
        table = pvi_xen_pv_m2p[(*out_entry & X86_PTE_ADDRESS) >> PAGE_BITS]
                << PAGE_BITS;
    }
}

/* In a batch the write bit that is seen need not be what will be. */
static void protect_mapping(const void *page, bool writable)
{
    uint64_t entry, machine, tables;

    do {
        machine = find_entry((uintptr_t)page, &entry, &tables);
    } while (pvi_xen_batch_settle(tables));
    if (!machine ||
        (!(entry & X86_PTE_WRITE) == !writable && !pvi_xen_batch_maps()))
        return;
    entry &= ~X86_PTE_WRITE;
    if (writable)
        entry |= X86_PTE_WRITE;
    pvi_xen_batch_map((uintptr_t)page, machine, entry);
}

void pvi_xen_pv_protect(const void *page, bool writable)
{
    const void *alias = pvops_host_va(pvops_host_paddr(page));

    protect_mapping(page, writable);
    if (alias && alias != page)
        protect_mapping(alias, writable);
}

static void protect_table(uintptr_t table, bool writable)
{
    const void *alias = pvops_host_va(table);

    if (alias)
        protect_mapping(alias, writable);
}

/* The user's slots of a root into its second page, which is writable yet. */
static void fill_user_page(uintptr_t root)
{
    const pvops_pte *kernel = pvops_host_va(root);
    pvops_pte *user = pvops_host_va(root + PAGE_BYTES);

    if (!kernel || !user)
        pvi_panic("xen_pv: pvops_host_va() has no root at 0x%llx",
                  (unsigned long long)root);
    __builtin_memcpy(user, kernel, USER_SLOTS * sizeof(*user));
}

PVOPS_OP_CALL void pvi_xen_pv_alloc_table(uintptr_t level, uintptr_t table)
{
    uint64_t frame = table >> PAGE_BITS;

    if (level != LEVELS) {
        protect_table(table, false);
        return;
    }
    fill_user_page(table);
    pvi_xen_pv_begin_batch();
    protect_table(table, false);
    protect_table(table + PAGE_BYTES, false);
    pvi_xen_batch_pin(MMUEXT_PIN_L4_TABLE, pvi_xen_pv_mfn(frame));
    pvi_xen_batch_pin(MMUEXT_PIN_L4_TABLE, pvi_xen_pv_mfn(frame + 1));
    pvi_xen_pv_end_batch();
}

PVOPS_OP_CALL void pvi_xen_pv_release_table(uintptr_t level, uintptr_t table)
{
    uint64_t frame = table >> PAGE_BITS;

    if (level != LEVELS) {
        protect_table(table, true);
        return;
    }
    pvi_xen_pv_begin_batch();
    pvi_xen_batch_pin(MMUEXT_UNPIN_TABLE, pvi_xen_pv_mfn(frame));
    if (frame == pvi_xen_pv_built_root) {
        pvi_xen_pv_built_root = NO_FRAME;
    } else {
        pvi_xen_batch_pin(MMUEXT_UNPIN_TABLE, pvi_xen_pv_mfn(frame + 1));
        protect_table(table + PAGE_BYTES, true);
    }
    protect_table(table, true);
    pvi_xen_pv_end_batch();
}

#endif
