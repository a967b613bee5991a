/* SPDX-License-Identifier: MIT */
/*
 * Page tables: a walk, and what is done at its end.
 *
 * The kernel's own root is changed, whichever is active: the roots of processes
 * share its tables below the top level.
 */
#include "arch/paging.h"

#include <pvops/pvops.h>

#include "arch/layout.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/pages.h"

#ifdef __x86_64__
enum { LEVELS = 4, INDEX_BITS = 9 };
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)
#else
enum { LEVELS = 2, INDEX_BITS = 10 };
#define ENTRY_ADDRESS UINT32_C(0xfffff000)
#endif

/* Source: Intel SDM 3, 4.3 and 4.5. */
enum {
    ENTRY_PRESENT = 0x01,
    ENTRY_WRITE = 0x02,
    ENTRY_WRITE_THROUGH = 0x08,
    ENTRY_UNCACHED = 0x10,
    ENTRY_LARGE = 0x80, /* above level 1 */
    PAGE_SHIFT = 12,
};

static pvops_pte *kernel_root;

/* A bit for each page of the direct map. */
static uint8_t tables[LAYOUT_DIRECT_END / PAGE_BYTES / 8];

pvops_pte *paging_kernel_root(void)
{
    return kernel_root;
}

void paging_use_root(pvops_pte *root)
{
    kernel_root = root;
}

static unsigned index_at(uintptr_t va, unsigned level)
{
    return va >> (PAGE_SHIFT + (level - 1) * INDEX_BITS) &
           ((1u << INDEX_BITS) - 1);
}

static pvops_pte *table_of(pvops_pte entry)
{
    return layout_va(entry & ENTRY_ADDRESS);
}

bool paging_is_table(pvops_paddr paddr)
{
    size_t page = (size_t)paddr / PAGE_BYTES;

    return paddr < LAYOUT_DIRECT_END && tables[page / 8] >> page % 8 & 1;
}

static pvops_pte *new_table(unsigned level)
{
    size_t pages = level == LEVELS ? pvops_mmu_root_pages() : 1;
    pvops_pte *table =
        level == LEVELS ? pages_alloc_adjacent(pages) : page_alloc();
    size_t first = (size_t)layout_paddr(table) / PAGE_BYTES;

    if (!table)
        panic("no page is left for a page table");
    for (size_t page = first; page < first + pages; page++)
        tables[page / 8] |= (uint8_t)(1u << page % 8);
    pvops_mmu_alloc_table(level, (uintptr_t)layout_paddr(table));
    return table;
}

/* The entry of level 1 for 'va'; NULL if there is no table and none is made. */
static pvops_pte *walk(pvops_pte *root, uintptr_t va, bool make)
{
    pvops_pte *table = root;

    for (unsigned level = LEVELS; level > 1; level--) {
        pvops_pte *entry = &table[index_at(va, level)];
        pvops_pte value = pvops_mmu_read_entry(entry);

        if (value & ENTRY_PRESENT) {
            if (value & ENTRY_LARGE)
                panic("a large page at %p", (void *)va);
            table = table_of(value);
            continue;
        }
        if (!make)
            return NULL;
        table = new_table(level - 1);
        value = (pvops_pte)layout_paddr(table) | ENTRY_PRESENT | ENTRY_WRITE;
        if (level == LEVELS)
            pvops_mmu_write_root(entry, value);
        else
            pvops_mmu_write_entry(entry, value);
    }
    return &table[index_at(va, 1)];
}

static pvops_pte page_entry(pvops_paddr paddr, unsigned flags)
{
    pvops_pte entry = (pvops_pte)paddr | ENTRY_PRESENT;

    if (flags & PAGING_WRITE)
        entry |= ENTRY_WRITE;
    if (flags & PAGING_DEVICE)
        entry |= ENTRY_UNCACHED | ENTRY_WRITE_THROUGH | PVOPS_PTE_MACHINE;
    return entry;
}

void paging_map_in(pvops_pte *root, uintptr_t va, pvops_paddr paddr,
                   unsigned flags)
{
    pvops_mmu_write_entry(walk(root, va, true), page_entry(paddr, flags));
}

pvops_pte *paging_new_root(void)
{
    return new_table(LEVELS);
}

/*
 * [va, va + pages) was mapped and is not, or otherwise. Each CPU has another
 * root, and all of them the kernel's tables: so all that they remember goes.
 */
static void forget(uintptr_t va, size_t pages)
{
    if (cpus_count() > 1)
        pvops_smp_flush_all(NULL);
    else
        pvops_mmu_flush_range(va, pages);
}

void paging_map(uintptr_t va, pvops_paddr paddr, unsigned flags)
{
    pvops_pte *entry = walk(kernel_root, va, true);
    bool was_mapped = pvops_mmu_read_entry(entry) & ENTRY_PRESENT;

    pvops_mmu_write_entry(entry, page_entry(paddr, flags));
    if (was_mapped)
        forget(va, 1);
    else
        pvops_mmu_flush_page(va);
}

void paging_prepare_in(pvops_pte *root, uintptr_t va, size_t bytes)
{
    const size_t table_bytes = (size_t)PAGE_BYTES << INDEX_BITS;

    for (size_t done = 0; done < bytes; done += table_bytes)
        walk(root, va + done, true);
}

void paging_prepare(uintptr_t va, size_t bytes)
{
    paging_prepare_in(kernel_root, va, bytes);
}

pvops_pte *paging_entry(uintptr_t va)
{
    return walk(kernel_root, va, true);
}

static pvops_pte *mapped_entry(uintptr_t va)
{
    pvops_pte *entry = walk(kernel_root, va, false);

    return entry && pvops_mmu_read_entry(entry) & ENTRY_PRESENT ? entry : NULL;
}

void paging_protect(uintptr_t va, bool writable)
{
    pvops_pte *entry = mapped_entry(va);
    pvops_pte value;

    if (!entry)
        panic("nothing is mapped at %p that could be protected", (void *)va);
    value = pvops_mmu_read_entry(entry) & ~(pvops_pte)ENTRY_WRITE;
    if (writable)
        value |= ENTRY_WRITE;
    pvops_mmu_write_entry(entry, value);
    forget(va, 1);
}

bool paging_is_writable(uintptr_t va)
{
    const pvops_pte *entry = mapped_entry(va);

    return entry && pvops_mmu_read_entry(entry) & ENTRY_WRITE;
}

void paging_unmap(uintptr_t va)
{
    pvops_pte *entry = mapped_entry(va);

    if (!entry)
        return;
    pvops_mmu_write_entry(entry, 0);
    forget(va, 1);
}

void paging_unmap_and_free(uintptr_t va, size_t pages)
{
    void **list = NULL;

    for (size_t i = 0; i < pages; i++) {
        pvops_pte *entry = mapped_entry(va + i * PAGE_BYTES);
        void **page;

        if (!entry)
            panic("nothing is mapped at %p that could be freed",
                  (void *)(va + i * PAGE_BYTES));
        page = layout_va(pvops_mmu_read_entry(entry) & ENTRY_ADDRESS);
        pvops_mmu_write_entry(entry, 0);
        *page = list;
        list = page;
    }
    if (list)
        forget(va, pages);
    while (list) {
        void **page = list;

        list = *page;
        page_free(page);
    }
}

bool paging_translate(uintptr_t va, pvops_paddr *out_paddr)
{
    pvops_pte *entry = mapped_entry(va);

    if (!entry)
        return false;
    *out_paddr =
        (pvops_mmu_read_entry(entry) & ENTRY_ADDRESS) | (va & (PAGE_BYTES - 1));
    return true;
}
