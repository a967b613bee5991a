/* SPDX-License-Identifier: MIT */
/*
 * Batches of the backend xen_pv: few hypercalls, in order, and all of it done
 * at the end, on a model Xen.
 *
 * Tried: no pvi_xen_batch_settle() in xen_pv_tables.c: own_mapping and
 * own_table fail, the latter also with the last table's bit alone;
 *        pvi_xen_batch_maps() not asked: tables_twice. "tables |=" a plain
 *        "=": own_mapping. flush_one(va) left out: tables_twice. "length =
 *        NULL" left out of add_call(): root_twice. "<= 1" at the end of a
 *        batch: nested. depth left alone by a change of the root: switched.
 *        Any limit of make_room() left out: full. One address too many:
 *        more_flushes. No multicall: kinds, switched. args[2] = 0: refused.
 *        Events not masked, or not unmasked: not_interrupted.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <x86/system.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_pv_batch.h"
#include "xen_pv_machine.h"

enum { PAGE = PV_PAGE };

#define xen fake_xen_model

/* Hypercalls since the last call of this. */
static unsigned calls(void)
{
    static unsigned before;
    unsigned since = xen.calls - before;

    before = xen.calls;
    return since;
}

static void begin(void)
{
    pv_machine();
    pv_start();
    (void)calls();
}

static unsigned slot(unsigned frame)
{
    return (uintptr_t)pv_memory[frame] >> 12 & 511;
}

PVTEST(merged, "entries are one hypercall, and stored at the end only")
{
    begin();
    pvops_mmu_begin_batch();
    for (unsigned i = 0; i < 3; i++)
        pvops_mmu_write_entry(&pv_table(4)[500 + i], 9 << 12 | 3);
    pvops_mmu_write_entry(&pv_table(4)[501], 10 << 12 | 1);
    EXPECT_EQ(0, calls());
    EXPECT_EQ(0, pvops_mmu_read_entry(&pv_table(4)[500]));
    pvops_mmu_end_batch();
    EXPECT_EQ(1, calls());
    EXPECT_EQ(9 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[500]));
    EXPECT_EQ(10 << 12 | 1, pvops_mmu_read_entry(&pv_table(4)[501]));
    EXPECT_EQ(9 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[502]));
}

PVTEST(nested, "the outermost end does it; one too many does nothing")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    pvops_mmu_end_batch();
    EXPECT_EQ(0, calls());
    pvops_mmu_end_batch();
    EXPECT_EQ(1, calls());
    pvops_mmu_end_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 0);
    EXPECT_EQ(1, calls());
    pvops_mmu_begin_batch();
    pvops_mmu_end_batch();
    EXPECT_EQ(0, calls());
}

PVTEST(no_batch, "before this CPU's set-up everything is done at once")
{
    pv_machine();
    pc_setup();
    (void)calls();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    pvops_mmu_flush_range(0x1000, 3);
    EXPECT_EQ(4, calls());
    pvops_mmu_end_batch();
    EXPECT_EQ(9 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[500]));
}

PVTEST(kinds, "several kinds are one multicall, in order, flushes last")
{
    begin();
    pv_table(8)[0] = pv_table(1)[0];
    pvops_mmu_alloc_table(1, 7 * PAGE);
    (void)calls();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(7)[500], 10 << 12 | 3);
    pvops_mmu_flush_page(0x5000);
    pvops_mmu_alloc_table(4, 8 * PAGE);
    pvops_mmu_write_root(&pv_table(8)[1], 0);
    pvops_mmu_flush_page(0x6000);
    EXPECT_EQ(0, calls());
    pvops_mmu_end_batch();
    EXPECT_EQ(1, calls());
    EXPECT_EQ(2, xen.flushed_pages);
    EXPECT(xen.frames[8].pinned && xen.frames[9].pinned);
    EXPECT_EQ(10 << 12 | 3, pvops_mmu_read_entry(&pv_table(7)[500]));
}

PVTEST(more_flushes, "more addresses than there is room for: everything")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    for (unsigned i = 0; i <= PVI_BATCH_PAGES; i++)
        pvops_mmu_flush_page(0x1000 * i);
    pvops_mmu_flush_page(0);
    EXPECT_EQ(0, xen.flushes + xen.flushed_pages);
    pvops_mmu_end_batch();
    EXPECT_EQ(2, calls()); /* two are no list */
    EXPECT_EQ(0, xen.flushed_pages);
    EXPECT_EQ(1, xen.flushes);
    EXPECT_EQ(9 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[500]));

    pvops_mmu_begin_batch();
    pvops_mmu_flush_all();
    pvops_mmu_flush_page(0x1000);
    pvops_mmu_end_batch();
    EXPECT_EQ(2, xen.flushes);
    EXPECT_EQ(0, xen.flushed_pages);
}

PVTEST(full, "more than there is room for is sent before the end")
{
    begin();
    pvops_mmu_begin_batch();
    for (unsigned i = 0; i < 2 * PVI_BATCH_UPDATES + 1; i++)
        pvops_mmu_write_entry(&pv_table(4)[100 + i], (i % 5 + 8) << 12 | 3);
    EXPECT_EQ(2, calls());
    pvops_mmu_end_batch();
    EXPECT_EQ(1, calls());
    for (unsigned i = 0; i < 2 * PVI_BATCH_UPDATES + 1; i++)
        EXPECT_EQ((i % 5 + 8) << 12 | 3,
                  pvops_mmu_read_entry(&pv_table(4)[100 + i]));

    /* Kinds by turns: more calls than a list has places. */
    pvops_mmu_begin_batch();
    for (unsigned i = 0; i < 2 * PVI_BATCH_CALLS; i++) {
        pvops_mmu_write_entry(&pv_table(4)[100 + i], 0);
        pvops_cpu_set_kernel_stack(NULL, 0x1000 * (i + 1));
    }
    pvops_mmu_end_batch();
    EXPECT_EQ(0x1000 * 2 * PVI_BATCH_CALLS, xen.stack);
    for (unsigned i = 0; i < 2 * PVI_BATCH_CALLS; i++)
        EXPECT_EQ(0, pv_table(4)[100 + i]);
}

PVTEST(tables_twice, "a page that is a table, then not, and again")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_release_table(1, 8 * PAGE);
    pvops_mmu_end_batch();
    EXPECT(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE);

    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_release_table(1, 8 * PAGE);
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_write_entry(&pv_table(3)[500], 8 << 12 | 7);
    pvops_mmu_end_batch();
    EXPECT(!(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE));
    EXPECT_EQ(1, xen.frames[8].level);

    /* Nothing is to be done for a page that is mapped so already. */
    pvops_mmu_write_entry(&pv_table(3)[500], 0);
    (void)calls();
    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_end_batch();
    EXPECT_EQ(0, calls());
    xen.flushed_pages = 0;
    pvops_mmu_begin_batch();
    pvops_mmu_release_table(1, 8 * PAGE);
    pvops_mmu_end_batch();
    EXPECT_EQ(1, xen.flushed_pages);
}

PVTEST(root_twice, "a root that is given and released in one batch")
{
    begin();
    pv_table(8)[0] = pv_table(1)[0];
    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(4, 8 * PAGE);
    pvops_mmu_release_table(4, 8 * PAGE);
    EXPECT_EQ(0, calls());
    pvops_mmu_end_batch();
    EXPECT_EQ(1, calls());
    EXPECT_EQ(0, xen.frames[8].level | xen.frames[9].level);
    EXPECT(fake_xen_mapping(pv_memory[9]) & X86_PTE_WRITE);
}

#define NO_EXECUTE (UINT64_C(1) << 63)

PVTEST(own_mapping,
       "the kernel changes its mapping of a page that it then gives")
{
    begin();
    pvops_mmu_alloc_table(1, 7 * PAGE);
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[slot(8)], 8 << 12 | 3 | NO_EXECUTE);
    pvops_mmu_write_entry(&pv_table(7)[0], 10 << 12 | 3);
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_release_table(1, 8 * PAGE);
    pvops_mmu_end_batch();
    EXPECT_EQ(8 << 12 | 3 | NO_EXECUTE,
              pvops_mmu_read_entry(&pv_table(4)[slot(8)]));
}

PVTEST(own_table, "the kernel exchanges the table that maps what it then gives")
{
    uintptr_t va = (uintptr_t)pv_memory;

    begin();
    pvops_mmu_alloc_table(1, 9 * PAGE);
    memcpy(pv_table(9), pv_table(4), PAGE);
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(3)[va >> 21 & 511], 9 << 12 | 7);
    pvops_mmu_alloc_table(1, 8 * PAGE);
    pvops_mmu_end_batch();
    EXPECT(!(pv_table(9)[slot(8)] & X86_PTE_WRITE));
    EXPECT(pv_table(4)[slot(8)] & X86_PTE_WRITE);
}

PVTEST(switched, "write_cr3 does it all, and ends all batches")
{
    begin();
    pv_table(8)[0] = pv_table(1)[0];
    pvops_mmu_alloc_table(4, 8 * PAGE);
    (void)calls();
    pvops_mmu_begin_batch();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 10 << 12 | 3);
    pvops_cpu_set_kernel_stack(NULL, 0x7000);
    EXPECT_EQ(0, xen.stack);
    pvops_mmu_write_cr3(8 * PAGE);
    EXPECT_EQ(1, calls());
    EXPECT_EQ(0x7000, xen.stack);
    EXPECT_EQ(8 * PAGE, pvops_mmu_read_cr3());
    EXPECT_EQ(fake_xen_mfn(9), xen.user_root);
    EXPECT_EQ(10 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[500]));

    pvops_mmu_write_entry(&pv_table(4)[500], 0);
    EXPECT_EQ(1, calls());
    pvops_mmu_end_batch();
    pvops_mmu_end_batch();
    EXPECT_EQ(0, calls());

    /* Nothing waits: neither does this. */
    pvops_mmu_begin_batch();
    pvops_cpu_set_kernel_stack(NULL, 0x8000);
    EXPECT_EQ(0x8000, xen.stack);
    pvops_mmu_write_cr3(PAGE);
    EXPECT_EQ(2, calls());
    pvops_mmu_write_entry(&pv_table(4)[500], 0);
    EXPECT_EQ(1, calls());
    pvops_mmu_end_batch();
    pvops_mmu_begin_batch();
    pvops_mmu_flush_page(0x1000);
    pvops_mmu_write_cr3(8 * PAGE);
    EXPECT_EQ(1, xen.flushed_pages);
    EXPECT_EQ(2, calls());
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 10 << 12 | 3);
    EXPECT_EQ(0, calls());
    pvops_mmu_end_batch();
}

PVTEST(modified, "accessed and dirty bits stay in a batch too")
{
    pv_machine();
    xen.features = 1u << XENFEAT_mmu_pt_update_preserve_ad;
    pv_start();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 7);
    pvops_mmu_begin_batch();
    pvops_mmu_modify_entry(&pv_table(4)[500], 9 << 12 | 5);
    pv_table(4)[500] |= X86_PTE_DIRTY;
    pvops_mmu_end_batch();
    EXPECT_EQ(9 << 12 | 5 | X86_PTE_DIRTY,
              pvops_mmu_read_entry(&pv_table(4)[500]));
}

PVTEST(refused, "the very entry, and what Xen said, of one or many hypercalls")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    pvops_mmu_write_entry(&pv_table(4)[501], 4 << 12 | 3);
    pvops_mmu_write_entry(&pv_table(4)[502], 9 << 12 | 3);
    EXPECT(HOST_PANICS(pvops_mmu_end_batch()));
    EXPECT_STR("xen_pv: Xen refuses 0x4003 for the entry at 0x4fa8 (-16); "
               "rule: read-only, given-first or root-by-op",
               host.panic);

    begin();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[501], 9 << 12 | 1);
    pvops_mmu_alloc_table(4, 8 * PAGE);
    pvops_mmu_write_entry(&pv_table(4)[502], 10 << 12 | 1);
    EXPECT(HOST_PANICS(pvops_mmu_end_batch()));
    EXPECT_STR("xen_pv: Xen refuses 0x9000 (-22) as a root; rule: read-only "
               "or own-level",
               host.panic);

    pv_machine();
    xen.features = 1u << XENFEAT_mmu_pt_update_preserve_ad;
    pv_start();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 1);
    EXPECT(HOST_PANICS(pvops_mmu_modify_entry(&pv_table(4)[500], 4 << 12 | 3)));
    EXPECT(strstr(host.panic, "refuses 0x4003 for the entry at 0x4fa0 (-16)"));
}

static unsigned interrupts;

static void interrupt(void)
{
    interrupts++;
}

PVTEST(not_interrupted,
       "events are masked while it is sent, and then as before")
{
    begin();
    xen.at_return = interrupt;
    pvops_irq_enable();
    interrupts = 0;
    pvops_mmu_begin_batch();
    EXPECT(pvops_irq_save() & PVOPS_IRQ_IF);
    pvops_irq_enable();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 3);
    EXPECT(pvops_irq_save() & PVOPS_IRQ_IF);
    pvops_irq_enable();
    pvops_mmu_end_batch();
    EXPECT_EQ(0, interrupts);
    EXPECT(pvops_irq_save() & PVOPS_IRQ_IF);

    pvops_irq_enable();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(&pv_table(4)[500], 0);
    (void)calls();
    pvops_mmu_alloc_table(1, 8 * PAGE); /* sends what waits for table 4 */
    EXPECT_EQ(1, calls());
    EXPECT_EQ(0, interrupts);
    EXPECT(pvops_irq_save() & PVOPS_IRQ_IF);
    pvops_mmu_write_entry(&pv_table(4)[500], 0);
    pvops_mmu_end_batch();
    EXPECT_EQ(0, pvops_irq_save() & PVOPS_IRQ_IF);
}

#endif
