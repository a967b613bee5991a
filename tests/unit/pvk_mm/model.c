/* SPDX-License-Identifier: MIT */
/*
 * Page tables that only the rules' own ops may change.
 */
#include "model.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <pvops/mmu.h>

#include "pvtest.h"

#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "core/pages.h"
#include "mm/entry.h"
#include "model_inside.h"

/* What is stored is this apart from what is meant, unless it is 0. */
#define MASK UINT64_C(0x0000005a5a5a5000)

enum { PRESENT = 1, WRITE = 2, USER = 4, LEVELS = 4, ENTRIES = 512 };
enum { QUEUE = 1 << 16 };

uint8_t *model_memory;
struct percpu model_percpu;
struct model_page model_pages[LAYOUT_DIRECT_END / MODEL_PAGE];
struct model_counts model_counts;

static bool delayed;
static unsigned depth, pages_of_root;
static pvops_pte *kernel_root;

enum op { OP_STORE, OP_ROOT, OP_GIVE, OP_RELEASE, OP_FLUSH };
static struct queued {
    enum op op;
    uint64_t a, b;
} queue[QUEUE];
static unsigned queued;

static struct model_page *page_at(uint64_t paddr)
{
    if (paddr >= LAYOUT_DIRECT_END)
        FAIL("an entry with address 0x%llx", (unsigned long long)paddr);
    return &model_pages[paddr / MODEL_PAGE];
}

unsigned model_level(uint64_t paddr)
{
    return page_at(paddr)->level;
}

pvops_pte pvops_mmu_make_entry(pvops_pte value)
{
    return value ? value ^ MASK : 0;
}

pvops_pte pvops_mmu_entry_value(pvops_pte stored)
{
    return stored ? stored ^ MASK : 0;
}

/* An entry of a given table begins (1) or ends (-1) to say 'value'. */
static void refer(unsigned level, pvops_pte value, int by)
{
    struct model_page *page;

    if (!(value & PRESENT))
        return;
    page = page_at(value & MODEL_ADDRESS);
    if (!page->used)
        FAIL("an entry leads to a page that is free");
    if (level == 1) {
        if (page->level && by > 0)
            FAIL("read-only: a page table is mapped");
        page->mapped += by;
        return;
    }
    if (by > 0 && page->level != level - 1)
        FAIL("own-level: level %u leads to a page given as of level %u", level,
             page->level);
    page->pointed += by;
}

static void store(uint64_t at, pvops_pte value, bool root)
{
    pvops_pte *entry = (pvops_pte *)at;
    struct model_page *page = page_at(layout_paddr(entry));
    unsigned index = at % MODEL_PAGE / sizeof(*entry);
    void *start = (void *)(at & ~(uint64_t)(MODEL_PAGE - 1));

    if (!page->level)
        FAIL("entry-by-op: a store to what is no table");
    if (root != (page->level == LEVELS))
        FAIL("root-by-op: a store at level %u", page->level);
    if (root && index >= ENTRIES / 2)
        FAIL("own-slots: slot %u of a root is stored", index);
    if (value & PRESENT && !(value & USER))
        FAIL("an entry without bit 2");
    if (page->level > 1 && value && !(value & PRESENT))
        FAIL("absent-value: not at level 1");
    refer(page->level, value, 1);
    refer(page->level, pvops_mmu_entry_value(*entry), -1);
    mprotect(start, MODEL_PAGE, PROT_READ | PROT_WRITE);
    *entry = pvops_mmu_make_entry(value);
    mprotect(start, MODEL_PAGE, PROT_READ);
}

static void refer_all(const void *table, unsigned level, int by)
{
    const pvops_pte *entries = table;

    for (unsigned i = 0; i < ENTRIES; i++) {
        pvops_pte value = pvops_mmu_entry_value(entries[i]);

        if (level == LEVELS && i >= ENTRIES / 2 && i < 272 && value)
            FAIL("own-slots: slot %u of a new root", i);
        refer(level, value, by);
    }
}

static void give(unsigned level, uint64_t table)
{
    struct model_page *page = page_at(table);

    if (!page->used || page->level || page->mapped)
        FAIL("given-first: page %llx is%s%s%s", (unsigned long long)table,
             page->used ? "" : " free", page->level ? " given already" : "",
             page->mapped ? " mapped" : "");
    page->level = level;
    refer_all(layout_va(table), level, 1);
    mprotect(layout_va(table), MODEL_PAGE, PROT_READ);
}

static void release(unsigned level, uint64_t table)
{
    struct model_page *page = page_at(table);

    if (page->level != level || page->pointed)
        FAIL("given-first: a table of level %u is released as of %u, with %d "
             "entries that lead to it",
             page->level, (unsigned)level, page->pointed);
    if (level == LEVELS && model_active_root() == table)
        FAIL("root-by-op: the active root is released");
    refer_all(layout_va(table), level, -1);
    page->level = 0;
    mprotect(layout_va(table), MODEL_PAGE, PROT_READ | PROT_WRITE);
}

static void apply(enum op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case OP_STORE:
        model_counts.stores++;
        store(a, b, false);
        break;
    case OP_ROOT:
        model_counts.root_stores++;
        store(a, b, true);
        break;
    case OP_GIVE:
        model_counts.given++;
        give((unsigned)a, b);
        break;
    case OP_RELEASE:
        model_counts.released++;
        release((unsigned)a, b);
        break;
    case OP_FLUSH:
        model_counts.flushes++;
        model_forget(a, b);
        break;
    }
}

static void do_op(enum op op, uint64_t a, uint64_t b)
{
    if (!depth || !delayed) {
        apply(op, a, b);
        return;
    }
    if (queued == QUEUE)
        FAIL("a batch of over %u", queued);
    queue[queued++] = (struct queued){ op, a, b };
}

pvops_pte pvops_mmu_read_entry(const pvops_pte *entry)
{
    struct model_page *page = page_at(layout_paddr(entry));
    bool given = page->level;

    for (unsigned i = 0; i < queued; i++) {
        if (queue[i].op == OP_GIVE && page_at(queue[i].b) == page)
            given = true;
        if (queue[i].op == OP_RELEASE && page_at(queue[i].b) == page)
            given = false;
    }
    if (!given)
        FAIL("entry-by-op: an entry of what is no table is read");
    return pvops_mmu_entry_value(*entry);
}

void pvops_mmu_write_entry(pvops_pte *entry, pvops_pte value)
{
    do_op(OP_STORE, (uintptr_t)entry, value);
}

void pvops_mmu_write_root(pvops_pte *entry, pvops_pte value)
{
    do_op(OP_ROOT, (uintptr_t)entry, value);
}

void pvops_mmu_alloc_table(uintptr_t level, uintptr_t table)
{
    do_op(OP_GIVE, level, table);
}

void pvops_mmu_release_table(uintptr_t level, uintptr_t table)
{
    do_op(OP_RELEASE, level, table);
}

void pvops_mmu_flush_page(uintptr_t address)
{
    do_op(OP_FLUSH, address, 1);
}

void pvops_mmu_flush_range(uintptr_t address, size_t pages)
{
    do_op(OP_FLUSH, address, pages);
}

void pvops_mmu_flush_asid(unsigned asid)
{
    (void)asid;
    do_op(OP_FLUSH, 0, MODEL_ALL);
}

void pvops_mmu_begin_batch(void)
{
    if (!depth++)
        model_counts.batches++;
}

void pvops_mmu_end_batch(void)
{
    if (!depth)
        FAIL("in-order: no batch has begun");
    if (--depth)
        return;
    for (unsigned i = 0; i < queued; i++)
        apply(queue[i].op, queue[i].a, queue[i].b);
    queued = 0;
}

unsigned pvops_mmu_root_pages(void)
{
    return pages_of_root;
}

pvops_pte *paging_kernel_root(void)
{
    return kernel_root;
}

/* The kernel's half, as small as can be: two tables of level 3. */
static void make_kernel_root(void)
{
    static const unsigned slots[] = { 272, 511 };

    kernel_root = pages_alloc_adjacent(pages_of_root);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t table = layout_paddr(page_alloc());

        give(LEVELS - 1, table);
        kernel_root[slots[i]] =
            pvops_mmu_make_entry(table | PRESENT | WRITE | USER);
    }
    give(LEVELS, layout_paddr(kernel_root));
}

void model_setup(bool delay, unsigned root_pages)
{
    depth = queued = 0;
    delayed = delay;
    pages_of_root = root_pages;
    model_counts = (struct model_counts){ 0 };
    entry_setup();
    model_memory_setup();
    make_kernel_root();
    model_cpu_setup();
    pvops_mmu_write_cr3(layout_paddr(kernel_root));
}
