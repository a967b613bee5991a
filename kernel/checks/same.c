/* SPDX-License-Identifier: MIT */
/*
 * The ops give the same results through the tables and sealed.
 */
#include <pvops/pvops.h>

#include <string.h>

#include "arch/layout.h"
#include "arch/trap.h"
#include "checks/check.h"
#include "core/main.h"
#include "core/pages.h"

enum { RESULTS = 10 };

static uintptr_t through_table[RESULTS];

static uintptr_t irq_is_on(void)
{
    return pvops_irq_save_flags() & PVOPS_IRQ_IF;
}

/* One of every hot op, and what it makes visible. */
static void try_ops(uintptr_t results[RESULTS])
{
    const volatile uint8_t *nowhere =
        (const volatile uint8_t *)(uintptr_t)(LAYOUT_SCRATCH + 0x777);
    pvops_pte *page = page_alloc();
    uint64_t before = pvops_time_now_ns();
    uintptr_t table = (uintptr_t)layout_paddr(page);
    uintptr_t own_page =
        (uintptr_t)layout_paddr(through_table) & ~(uintptr_t)(PAGE_BYTES - 1);
    unsigned i = 0;

    pvops_irq_disable();
    results[i++] = irq_is_on();
    pvops_irq_enable();
    results[i++] = irq_is_on();
    pvops_irq_disable();
    results[i++] = irq_is_on();

    pvops_mmu_write_cr3(pvops_mmu_read_cr3());
    results[i++] = pvops_mmu_read_cr3();
    pvops_mmu_alloc_table(1, table);
    pvops_mmu_write_entry(&page[3], 0);
    results[i++] = pvops_mmu_read_entry(&page[3]);
    pvops_mmu_write_entry(&page[3], own_page | 1);
    results[i++] = pvops_mmu_read_entry(&page[3]);
    pvops_mmu_write_entry(&page[3], 0);
    pvops_mmu_release_table(1, table);
    results[i++] = trap_try_read(nowhere);
    results[i++] = pvops_mmu_read_cr2();
    results[i++] = pvops_time_now_ns() > before;
    results[i++] = trap_breakpoint_keeps_registers();
    page_free(page);
}

void same_remember(void)
{
    try_ops(through_table);
}

/*
 * Damage:  seal.c: STI's inline bytes with their last bit flipped, which is
 *          CLI.
 */
static void same_results(void)
{
    uintptr_t sealed[RESULTS];

    try_ops(sealed);
    for (unsigned i = 0; i < RESULTS; i++)
        CHECK(sealed[i] == through_table[i],
              "result %u is %p, and was %p through the table", i,
              (void *)sealed[i], (void *)through_table[i]);
}
const struct check check_same_results = { "sealed-as-unsealed", same_results };
