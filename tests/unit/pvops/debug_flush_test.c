/* SPDX-License-Identifier: MIT */
/*
 * Flushes in a build with PVOPS_DEBUG_MMU, whose batches wait on bare metal
 * too, on the model TLB.
 *
 * Behind the model's memory (debug_machine.h) the same table maps PAGES pages
 * more.
 *
 * Tried: each flush of debug_mmu.c and debug_mmu_map.c left out: alone, batch,
 *        two or protected fails.
 */
#include "pvtest.h"

#include <x86/system.h>

#include "debug_machine.h"
#include "tlb.h"

#include "abi/x86.h"

enum {
    OLD = FREE, /* pages */
    NEW,
    TABLE,
    PAGES = 40,
};

static unsigned index_of(unsigned page)
{
    return (index_at(1) + MEMORY + page) % PVI_ENTRIES;
}

static uintptr_t va_of(unsigned page)
{
    uintptr_t span = (uintptr_t)4096 << PVI_LEVEL_BITS;

    return ((uintptr_t)memory & ~(span - 1)) + index_of(page) * (uintptr_t)4096;
}

static uint64_t read_entry(uint64_t paddr, unsigned level, unsigned index)
{
    (void)level;
    return memory[(paddr - BASE) / sizeof(table)][index];
}

static void store_all(unsigned which)
{
    for (unsigned i = 0; i < PAGES; i++)
        pvops_mmu_write_entry(&memory[LOWEST][index_of(i)],
                              at(which) | PRESENT);
}

/* A bit for each page that is seen where it is now; others as before. */
static uint64_t seen_new(void)
{
    uint64_t seen = 0, paddr;

    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT(fake_tlb_access(va_of(i), FAKE_READ, &paddr));
        if (paddr == at(NEW))
            seen |= UINT64_C(1) << i;
        else
            EXPECT_EQ(at(OLD), paddr);
    }
    return seen;
}

#define ALL ((UINT64_C(1) << PAGES) - 1)

/* Tables as they must be, given and active; all pages were seen at OLD. */
static void begin(void)
{
    debug_give_tables();
    fake_tlb_reset(PVI_LEVELS, PVI_LEVEL_BITS, read_entry);
    x86_write_cr4(X86_CR4_PGE);
    debug_activate();
    store_all(OLD);
    EXPECT_EQ(0, seen_new());
    store_all(NEW);
    EXPECT_EQ(0, seen_new());
}

enum { WAYS_TO_FLUSH = 5 };

static void flush_by(unsigned op)
{
    switch (op) {
    case 0:
        pvops_mmu_flush_page(va_of(0));
        break;
    case 1:
        pvops_mmu_flush_range(va_of(0), 3);
        break;
    case 2:
        pvops_mmu_flush_asid(0);
        break;
    case 3:
        pvops_mmu_flush_all();
        break;
    default:
        pvops_mmu_write_cr3(at(ROOT));
        break;
    }
}

static const uint64_t taken_by[] = { 1, 7, ALL, ALL, ALL };

PVTEST(alone, "each op: the new entries")
{
    for (unsigned op = 0; op < WAYS_TO_FLUSH; op++) {
        begin();
        flush_by(op);
        EXPECT_EQ(taken_by[op], seen_new());
    }
}

PVTEST(batch, "the same at the end of a batch, and not before")
{
    for (unsigned op = 0; op < WAYS_TO_FLUSH; op++) {
        begin();
        pvops_mmu_begin_batch();
        flush_by(op);
        if (op != WAYS_TO_FLUSH - 1)
            EXPECT_EQ(0, seen_new());
        pvops_mmu_end_batch();
        EXPECT_EQ(taken_by[op], seen_new());
    }
}

PVTEST(two, "two places in one batch, and a root with what waits")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_flush_page(va_of(30));
    pvops_mmu_flush_page(va_of(2));
    pvops_mmu_end_batch();
    EXPECT_EQ(1u << 30 | 1u << 2, seen_new() & (1u << 30 | 1u << 2));

    begin();
    store_all(OLD);
    pvops_mmu_begin_batch();
    store_all(NEW);
    pvops_mmu_write_cr3(at(ROOT));
    EXPECT_EQ(ALL, seen_new());
    pvops_mmu_end_batch();
}

static bool can_write(unsigned which)
{
    uint64_t paddr;

    return fake_tlb_access((uintptr_t)memory[which], FAKE_WRITE, &paddr);
}

PVTEST(protected, "given: not writable at once; released: writable at once")
{
    begin();
    EXPECT(can_write(TABLE));
    pvops_mmu_alloc_table(1, at(TABLE));
    EXPECT(!can_write(TABLE));
    pvops_mmu_release_table(1, at(TABLE));
    EXPECT(can_write(TABLE));
}
