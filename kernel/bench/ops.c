/* SPDX-License-Identifier: MIT */
/*
 * Each op between two markers, which pvlab bench has counted.
 *
 * The page table is given and hooked nowhere, and each entry maps the same
 * page.
 */
#include "bench/ops.h"

#include <pvops/pvops.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "core/log.h"
#include "core/pages.h"

enum { ROUNDS = 8, ENTRIES = PAGE_BYTES / sizeof(pvops_pte) };

/* Present, writable, user: what Xen checks most. */
#define ENTRY_FLAGS ((pvops_pte)7)

__attribute__((noinline)) void bench_from(void)
{
    __asm__ volatile("# from");
}

__attribute__((noinline)) void bench_to(void)
{
    __asm__ volatile("# to");
}

#define BENCH(name, each, statement)                                           \
    do {                                                                       \
        for (unsigned round = 0; round < ROUNDS; round++) {                    \
            bench_from();                                                      \
            statement;                                                         \
            bench_to();                                                        \
        }                                                                      \
        log_plain("bench: %u %u %s", ROUNDS, (unsigned)(each), name);          \
    } while (0)

/* A cold op is a call with PVOPS_FULL=0, too: not what raw is to show. */
#if PVOPS_FULL
#define BENCH_COLD BENCH
#else
#define BENCH_COLD(name, each, statement) (void)0
#endif

static pvops_pte *table;
static pvops_pte value; /* of an entry that is present */

static void fill(unsigned count, pvops_pte with)
{
    for (unsigned i = 0; i < count; i++)
        pvops_mmu_write_entry(&table[i], with);
}

/* From not present to present; what is undone is not counted. */
static void entries(unsigned count, const char *name)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        pvops_mmu_begin_batch();
        fill(count, value);
        pvops_mmu_end_batch();
        bench_to();
        pvops_mmu_begin_batch();
        fill(count, 0);
        pvops_mmu_end_batch();
    }
    log_plain("bench: %u %u %s", ROUNDS, count, name);
}

static void table_ops(void)
{
    volatile pvops_pte stored, seen;
    uintptr_t at;

    table = page_alloc();
    if (!table)
        panic("bench: no page");
    value = (pvops_pte)layout_paddr(page_alloc()) | ENTRY_FLAGS;
    at = (uintptr_t)layout_paddr(table);
    BENCH("alloc_table and release_table", 1,
          (pvops_mmu_alloc_table(1, at), pvops_mmu_release_table(1, at)));
    pvops_mmu_alloc_table(1, at);
    BENCH("make_entry", 1, stored = pvops_mmu_make_entry(value));
    BENCH("entry_value", 1, seen = pvops_mmu_entry_value(stored));
    fill(ENTRIES, 0);
    BENCH("write_entry", 1, pvops_mmu_write_entry(&table[round], value));
    BENCH("read_entry", 1, seen = pvops_mmu_read_entry(&table[0]));
    fill(ENTRIES, 0);
    entries(1, "write_entry, batch of 1");
    entries(8, "write_entry, batch of 8");
    entries(32, "write_entry, batch of 32");
    entries(256, "write_entry, batch of 256");
    pvops_mmu_release_table(1, at);
    page_free(layout_va(value & ~(pvops_pte)(PAGE_BYTES - 1)));
    page_free(table);
    (void)seen;
}

/* Code of a kernel's around them. */
static void kernel_ops(void)
{
    volatile uint8_t *at = (volatile uint8_t *)(LAYOUT_SCRATCH);
    void *page = page_alloc();
    volatile bool kept;

    if (!page)
        panic("bench: no page");
    paging_prepare(LAYOUT_SCRATCH, PAGE_BYTES);
    BENCH("kernel: a breakpoint and its return", 1,
          kept = trap_breakpoint_keeps_registers());
    BENCH("kernel: a page mapped, written, unmapped", 1,
          (paging_map(LAYOUT_SCRATCH, layout_paddr(page), PAGING_WRITE),
           *at = 1, paging_unmap(LAYOUT_SCRATCH)));
    page_free(page);
    (void)kept;
}

void bench_ops(void)
{
    volatile uintptr_t word;
    volatile uint64_t ns;

    BENCH("nothing", 1, (void)0);
    BENCH("irq_save_flags", 1, word = pvops_irq_save_flags());
    BENCH("irq_disable", 1, pvops_irq_disable());
    BENCH("irq_enable", 1, pvops_irq_enable());
    pvops_irq_disable();
    BENCH("irq_save and irq_restore", 1, pvops_irq_restore(pvops_irq_save()));
    BENCH("read_cr2", 1, word = pvops_mmu_read_cr2());
    BENCH("read_cr3", 1, word = pvops_mmu_read_cr3());
    BENCH("write_cr3, the same", 1, pvops_mmu_write_cr3(word));
    BENCH("flush_page", 1, pvops_mmu_flush_page(LAYOUT_SCRATCH));
    BENCH_COLD("flush_range of 8 pages", 8,
               pvops_mmu_flush_range(LAYOUT_SCRATCH, 8));
    BENCH_COLD("flush_all", 1, pvops_mmu_flush_all());
    word = pvops_mmu_read_cr3();
    BENCH_COLD("smp_flush_range of 1 page, no other CPU", 1,
               pvops_smp_flush_range(NULL, word, LAYOUT_SCRATCH, 1));
    BENCH_COLD("smp_flush_range of 64 pages, no other CPU", 64,
               pvops_smp_flush_range(NULL, word, LAYOUT_SCRATCH, 64));
    BENCH_COLD("now_ns", 1, ns = pvops_time_now_ns());
    BENCH_COLD("stolen_ns", 1, ns = pvops_time_stolen_ns());
    BENCH_COLD("set_deadline and cancel_deadline", 1,
               (pvops_time_set_deadline(UINT64_MAX / 2),
                pvops_time_cancel_deadline()));
    table_ops();
    kernel_ops();
    (void)word;
    (void)ns;
}
