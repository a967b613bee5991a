/* SPDX-License-Identifier: MIT */
/*
 * Pages: mapped, read-only, not mapped; and the faults of each.
 */
#include <pvops/pvops.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "arch/window.h"
#include "checks/check.h"
#include "core/heap.h"
#include "core/pages.h"
#include "core/text.h"

extern uint8_t text_start[];

/* CHECK()'s words for a fault that is not the expected one. */
#define THE_FAULT                                                              \
    "exception %u at %p with error code %u", trap_last.vector,                 \
        (void *)trap_last.address, (unsigned)trap_last.error

/* Whether the last access that failed was a page fault, and this one. */
static bool fault_was(const volatile uint8_t *address, unsigned error)
{
    return trap_last.vector == TRAP_PAGE_FAULT && trap_last.error == error &&
           trap_last.address == (uintptr_t)address;
}

/*
 * Damage:  native_64.S: "or $2, %rsi" before the store of write_entry (a
 *          read-only page can be written); "mov %cr3" for "mov %cr2" (wrong
 *          address). native.c: no INVLPG (pvops_seal() finds it first: the
 *          alias of the text stays the old one).
 */
static void page(void)
{
    volatile uint8_t *at = (volatile uint8_t *)(LAYOUT_SCRATCH + 123);
    void *frame_page = page_alloc();
    uintptr_t table = (uintptr_t)layout_paddr(frame_page);
    volatile uint8_t *frame = frame_page;

    CHECK(frame, "no page is left");
    CHECK(!trap_try_read(at), "a page that is not mapped can be read");
    CHECK(fault_was(at, 0), THE_FAULT);
    CHECK(!trap_try_write(at, 1), "a page that is not mapped can be written");
    CHECK(fault_was(at, TRAP_PF_WRITE), THE_FAULT);

    paging_map(LAYOUT_SCRATCH, table, PAGING_WRITE);
    CHECK(trap_try_write(at, 0x5a), "a writable page cannot be written");
    CHECK(frame[123] == 0x5a && *at == 0x5a, "what was written is not there");

    paging_protect(LAYOUT_SCRATCH, false);
    CHECK(trap_try_read(at), "a read-only page cannot be read");
    CHECK(!trap_try_write(at, 1), "a read-only page can be written");
    CHECK(fault_was(at, TRAP_PF_PRESENT | TRAP_PF_WRITE), THE_FAULT);
    CHECK(frame[123] == 0x5a, "a write that faulted changed the page");

    paging_protect(LAYOUT_SCRATCH, true);
    CHECK(trap_try_write(at, 1), "a page made writable again is not");
    paging_unmap(LAYOUT_SCRATCH);
    CHECK(!trap_try_read(at), "a page no longer mapped can be read");
    CHECK(fault_was(at, 0), THE_FAULT);

    /* A page table that is released is an ordinary page again. */
    frame[123] = 0;
    pvops_mmu_alloc_table(1, table);
    CHECK(pvops_mmu_read_entry(frame_page) == 0,
          "an entry of a new table is not 0");
    pvops_mmu_release_table(1, table);
    CHECK(trap_try_write(frame, 1), "a released page table cannot be written");
    page_free(frame_page);
}
const struct check check_page = { "page-mapped-protected-unmapped", page };

#if PVOPS_DEBUG_MMU
/*
 * Of the build that checks the rules, on bare metal.
 *
 * Damage:  debug_mmu_map.c: pvops_mmu_explain_fault() returns NULL. The XOR
 *          left out of pvi_debug_protect() panics before. (Its INVLPG is for
 *          debug_mmu_test: QEMU forgets all when CR0.WP changes.)
 */
static void table_read_only(void)
{
    volatile uint8_t *table = page_alloc();
    const char *rule;

    CHECK(table, "no page is left");
    pvops_mmu_alloc_table(1, (uintptr_t)layout_paddr((void *)table));
    rule = pvops_mmu_explain_fault((uintptr_t)table);
    CHECK(rule || !(pvops_caps() & PVOPS_CAP_RING0),
          "a fault on a page table is not explained");
    if (rule) {
        CHECK(!trap_try_write(table, 0), "a page table can be written");
        CHECK(fault_was(table, TRAP_PF_PRESENT | TRAP_PF_WRITE), THE_FAULT);
        CHECK(text_equal(rule, "entry-by-op"), "the rule's name is %s", rule);
    }
    pvops_mmu_release_table(1, (uintptr_t)layout_paddr((void *)table));
    CHECK(!pvops_mmu_explain_fault((uintptr_t)table),
          "a page that was released is still a table");
    page_free((void *)table);
    if (!rule)
        check_skip("the rules are checked on bare metal only");
}
const struct check check_table_read_only = { "page-table-read-only",
                                             table_read_only };
#endif

/* Damage:  native_64.S: "mov %cr3" for "mov %cr2". */
static void null_page(void)
{
    volatile uint8_t *volatile nowhere = NULL;

    for (size_t i = 0; i < window_early_count && !LAYOUT_EARLY; i++) {
        if (window_early[i].base < PAGE_BYTES) {
            check_skip("libpvops uses page 0, the BIOS's data");
            return;
        }
    }
    CHECK(!trap_try_read(nowhere), "address 0 can be read");
    CHECK(fault_was(nowhere, 0), THE_FAULT);
}
const struct check check_null_page = { "page-0-faults", null_page };

/*
 * Text is written through its alias alone.
 *
 * Damage:  native_64.S: "or $2, %rsi" before the store of write_entry.
 */
static void text_read_only(void)
{
    volatile uint8_t *alias = pvops_host_text(text_start, 1);
    uint8_t byte = text_start[0];

    CHECK(!trap_try_write(text_start, byte), "the text can be written");
    CHECK(fault_was(text_start, TRAP_PF_PRESENT | TRAP_PF_WRITE), THE_FAULT);
    CHECK(alias && trap_try_write(alias, byte),
          "the alias of the text cannot be written");
}
const struct check check_text_read_only = { "text-read-only", text_read_only };

/*
 * pvk's own heap: pieces are apart, come back, and libpvops finds their
 * physical addresses.
 *
 * Damage:  core/heap.c, find(): takes no notice of the mark.
 */
static void heap(void)
{
    enum { PIECES = 24 };
    uint8_t *pieces[PIECES];
    volatile uint8_t *physical;

    for (unsigned i = 0; i < PIECES; i++) {
        pieces[i] = heap_alloc(100 + i * 300);
        CHECK(pieces[i], "no memory for piece %u", i);
        pieces[i][0] = pieces[i][99 + i * 300] = (uint8_t)i;
    }
    for (unsigned i = 0; i < PIECES; i++)
        CHECK(pieces[i][0] == i && pieces[i][99 + i * 300] == i,
              "piece %u was written over", i);
    physical = pvops_host_va(pvops_host_paddr(pieces[7]));
    CHECK(physical[0] == 7, "piece 7 is not at its physical address");
    for (unsigned i = 0; i < PIECES; i++)
        heap_free(pieces[i]);
    CHECK(heap_alloc(50) == pieces[0], "what came back is not given again");
    heap_free(pieces[0]);
}
const struct check check_heap = { "heap", heap };

/*
 * A breakpoint returns with every register as it was; an exception other than
 * a page fault comes with its own vector.
 *
 * Damage:  native_64.S: "mov $0, %r11d" in pvi_native_cpu_entry.
 */
static void exceptions(void)
{
    unsigned before = trap_breakpoints;

    CHECK(trap_breakpoint_keeps_registers(),
          "a register is not as it was before INT3");
    CHECK(trap_breakpoints == before + 1, "%u breakpoints were met, not one",
          trap_breakpoints - before);
#ifdef __x86_64__
    enum { GENERAL_PROTECTION = 13 };

    CHECK(!trap_try_read((const uint8_t *)0x8000000000000000),
          "a non-canonical address can be read");
    CHECK(trap_last.vector == GENERAL_PROTECTION,
          "its exception is %u instead of 13", trap_last.vector);
#endif
}
const struct check check_exceptions = { "exceptions-return", exceptions };
