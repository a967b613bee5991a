/* SPDX-License-Identifier: MIT */
/*
 * Page tables of the backend xen_pv on a model Xen that looks at them as the
 * real one does. The domain's memory is in slot 0 of a root, a user's slot.
 *
 * Tried: "xor %rcx" left out behind "value:", in x86/xen_64.S: not_present
 *        fails. "bt" for "btr" there: user_bit, tables; no PTE_GLOBAL:
 * user_bit. A jump to no_page left out: present. PTE_MACHINE not looked at:
 * device. The second update of write_root(), or where it ends, or the builder's
 *        root not told apart there: roots; in write_cr3(): root_released.
 *        MMU_PT_UPDATE_PRESERVE_AD left out: modified. The second page not
 *        filled: roots; not made read-only, or not pinned: roots and more; not
 *        made writable again: root_released. A table below not made read-only:
 *        tables; without the flush when it is made writable: tables.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <x86/system.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen_pv_batch.h"
#include "xen_pv_machine.h"

enum { PAGE = PV_PAGE };

#define xen fake_xen_model

PVTEST(present, "an address becomes the machine's and back, flags stay")
{
    pv_machine();
    pc_setup();
    for (unsigned frame = 0; frame < FAKE_XEN_FRAMES; frame++) {
        pvops_pte value = (uint64_t)frame << 12 | 0x8000000000000e67u;
        pvops_pte entry = value & ~PVOPS_PTE_MACHINE;

        value = entry;
        entry = pvi_xen_pv_make_entry(value);
        EXPECT_EQ(fake_xen_mfn(frame), (entry & X86_PTE_ADDRESS) >> 12);
        EXPECT_EQ(value & ~X86_PTE_ADDRESS, entry & ~X86_PTE_ADDRESS);
        EXPECT_EQ(value, pvops_mmu_read_entry(&entry));
    }
    EXPECT(HOST_PANICS(pvi_xen_pv_make_entry(FAKE_XEN_FRAMES << 12 | 1)));
    EXPECT_STR("xen_pv: this domain has no page at 0x10000", host.panic);
    EXPECT(HOST_PANICS(pvi_xen_pv_make_entry(X86_PTE_ADDRESS | 1)));
    ((uint64_t *)fake_xen_start.mfn_list)[5] = UINT64_MAX;
    EXPECT(HOST_PANICS(pvi_xen_pv_make_entry(5 << 12 | 1)));
    EXPECT_STR("xen_pv: this domain has no page at 0x5000", host.panic);
}

PVTEST(not_present, "what an entry that is not present holds is L1TF-safe")
{
    static const pvops_pte values[] = { 0,      2,
                                        0x1000, 0x12345fff & ~1u,
                                        0xffe,  0x8000000000001234u };

    pv_machine();
    pc_setup();
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        pvops_pte entry = pvi_xen_pv_make_entry(values[i]);

        EXPECT_EQ(0, entry & 1);
        EXPECT_EQ(values[i] == 0, entry == 0);
        EXPECT((entry & X86_PTE_ADDRESS) >= UINT64_C(3) << 44 || !entry);
        EXPECT_EQ(values[i], pvops_mmu_read_entry(&entry));
    }
}

PVTEST(device, "a device's address is the machine's already")
{
    pvops_pte entry = 0xfee00000u | PVOPS_PTE_MACHINE | 0x13;

    pv_machine();
    pc_setup();
    EXPECT_EQ(entry, pvi_xen_pv_make_entry(entry));
    EXPECT_EQ(entry, pvops_mmu_read_entry(&entry));
}

PVTEST(user_bit, "Xen's own user and global bits are not shown")
{
    pv_machine();
    pc_setup();
    pvops_mmu_write_entry(&pv_table(4)[500], 10 << 12 | 3);
    EXPECT(pv_table(4)[500] & X86_PTE_USER);
    EXPECT_EQ(10 << 12 | 3, pvops_mmu_read_entry(&pv_table(4)[500]));
    pvops_mmu_write_entry(&pv_table(4)[500], 10 << 12 | 7);
    EXPECT(pv_table(4)[500] & 0x100);
    EXPECT_EQ(10 << 12 | 7, pvops_mmu_read_entry(&pv_table(4)[500]));
}

PVTEST(tables, "given as tables they are read-only; hooked, Xen looks at them")
{
    pv_machine();
    pv_start();
    pv_table(8)[5] = pvops_mmu_make_entry(9 << 12 | 3);
    pvops_mmu_alloc_table(1, 8 * PAGE);
    EXPECT(!(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE));
    EXPECT_EQ(0, xen.frames[8].level);
    pvops_mmu_write_entry(&pv_table(8)[6], 10 << 12 | 3);
    pvops_mmu_alloc_table(2, 7 * PAGE);
    pvops_mmu_write_entry(&pv_table(7)[1], 8 << 12 | 7);
    EXPECT_EQ(8 << 12 | 7, pvops_mmu_entry_value(pv_table(7)[1]));
    pvops_mmu_write_entry(&pv_table(2)[9], 7 << 12 | 7);
    EXPECT_EQ(2, xen.frames[7].level);
    EXPECT_EQ(1, xen.frames[8].level);
    EXPECT_EQ(9 << 12 | 3, pvops_mmu_read_entry(&pv_table(8)[5]));
    EXPECT(HOST_PANICS(pvops_mmu_release_table(1, 8 * PAGE)));
    EXPECT(strstr(host.panic, "xen_pv: Xen refuses 0x8003 for the entry at"));
    EXPECT(strstr(host.panic, "(-16); rule: read-only, given-first or"));

    pvops_mmu_write_entry(&pv_table(2)[9], 0);
    xen.flushed_pages = 0;
    pvops_mmu_release_table(2, 7 * PAGE);
    pvops_mmu_release_table(1, 8 * PAGE);
    EXPECT_EQ(2, xen.flushed_pages);
    EXPECT(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE);
    EXPECT_EQ(0, xen.frames[8].level);
}

PVTEST(writable_table,
       "a second, writable mapping of a table: a clear sentence")
{
    pv_machine();
    pv_start();
    pvops_mmu_write_entry(&pv_table(4)[500], 8 << 12 | 3);
    pvops_mmu_alloc_table(1, 8 * PAGE);
    EXPECT(HOST_PANICS(pvops_mmu_write_entry(&pv_table(3)[500], 8 << 12 | 7)));
    EXPECT_STR("xen_pv: Xen refuses 0x8007 for the entry at 0x3fa0 (-22); "
               "rule: given-first, read-only or own-level",
               host.panic);
    EXPECT(HOST_PANICS(pvops_mmu_write_entry(&pv_table(4)[501], 4 << 12 | 3)));
    EXPECT(strstr(host.panic, "Xen refuses 0x4003 for the entry at 0x4fa8"));
    EXPECT(HOST_PANICS(pvops_mmu_write_entry(&pv_table(3)[0], 9 << 12 | 0x83)));
    EXPECT(strstr(host.panic, "(-22); rule: small-page"));
    EXPECT(HOST_PANICS(pvops_mmu_write_entry(
        &pv_table(4)[0], 0xfee00000 | PVOPS_PTE_MACHINE | 3)));
    EXPECT(strstr(host.panic, "(-22); rule: ram-or-device"));
}

PVTEST(roots, "a root of two pages: the user's slots are in the second")
{
    pvops_pte entry;

    pv_machine();
    pv_start();
    EXPECT_EQ(2, pvops_mmu_root_pages());
    entry = pvops_mmu_read_entry(pv_table(1));
    pv_table(8)[0] = pv_table(8)[511] = pvops_mmu_make_entry(entry);
    pvops_mmu_alloc_table(4, 8 * PAGE);
    EXPECT_EQ(4, xen.frames[8].level);
    EXPECT_EQ(4, xen.frames[9].level);
    EXPECT(!(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE));
    EXPECT(!(fake_xen_mapping(pv_memory[9]) & X86_PTE_WRITE));
    EXPECT(pv_table(9)[0] != 0 && pv_table(9)[0] == pv_table(8)[0]);
    EXPECT_EQ(0, pv_table(9)[511]);

    pvops_mmu_write_root(&pv_table(8)[255], entry);
    pvops_mmu_write_root(&pv_table(8)[272], entry);
    EXPECT_EQ(pv_table(8)[255], pv_table(9)[255]);
    EXPECT(pv_table(8)[272] != 0 && pv_table(9)[272] == 0);
    pvops_mmu_write_root(&pv_table(1)[255], entry);
    EXPECT_EQ(0, pv_table(2)[255]);

    pvops_mmu_write_cr3(8 * PAGE);
    EXPECT_EQ(8 * PAGE, pvops_mmu_read_cr3());
    EXPECT_EQ(fake_xen_mfn(8) << 12, fake_system.cr3);
    EXPECT_EQ(fake_xen_mfn(9), xen.user_root);
    EXPECT(HOST_PANICS(pvops_mmu_release_table(4, 8 * PAGE)));
}

PVTEST(root_released, "both pages, when another root is active")
{
    pv_machine();
    pv_start();
    pv_table(8)[0] = pv_table(1)[0];
    pvops_mmu_alloc_table(4, 8 * PAGE);
    pvops_mmu_write_cr3(8 * PAGE);
    pvops_mmu_write_cr3(PAGE);
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
    EXPECT_EQ(0, xen.user_root);
    pvops_mmu_release_table(4, 8 * PAGE);
    EXPECT_EQ(0, xen.frames[8].level | xen.frames[9].level);
    EXPECT(fake_xen_mapping(pv_memory[8]) & X86_PTE_WRITE);
    EXPECT(fake_xen_mapping(pv_memory[9]) & X86_PTE_WRITE);
    EXPECT(HOST_PANICS(pvops_mmu_release_table(4, 8 * PAGE)));
    EXPECT_STR("xen_pv: Xen refuses 0x8000 (-22) as a root to activate or "
               "release; rule: root-by-op",
               host.panic);
    EXPECT(HOST_PANICS(pvops_mmu_write_cr3(7 * PAGE)));
}

PVTEST(built_root, "the builder's root has one page, until it is released")
{
    pv_machine();
    pv_start();
    pv_table(8)[0] = pv_table(1)[0];
    pvops_mmu_alloc_table(4, 8 * PAGE);
    pvops_mmu_write_cr3(8 * PAGE);
    pvops_mmu_release_table(4, PAGE);
    EXPECT_EQ(0, xen.frames[1].level);
    EXPECT(!(fake_xen_mapping(pv_memory[2]) & X86_PTE_WRITE));
    EXPECT_EQ(UINT64_MAX, pvi_xen_pv_built_root);
}

PVTEST(flushes, "one address, some, many and all")
{
    pv_machine();
    pv_start();
    pvops_mmu_flush_page(0x1000);
    EXPECT_EQ(1, xen.flushed_pages);
    pvops_mmu_flush_range(0x1000, PVI_BATCH_PAGES);
    EXPECT_EQ(1 + PVI_BATCH_PAGES, xen.flushed_pages);
    EXPECT_EQ(0, xen.flushes);
    pvops_mmu_flush_range(0x1000, PVI_BATCH_PAGES + 1);
    EXPECT_EQ(1, xen.flushes);
    pvops_mmu_flush_asid(0);
    EXPECT_EQ(2, xen.flushes);
    pvops_mmu_flush_all();
    EXPECT_EQ(3, xen.flushes);
    EXPECT_EQ(1 + PVI_BATCH_PAGES, xen.flushed_pages);
}

PVTEST(modified, "accessed and dirty bits that the CPU set meanwhile stay")
{
    pv_machine();
    xen.features = 1u << XENFEAT_mmu_pt_update_preserve_ad;
    pv_start();
    pvops_mmu_write_entry(&pv_table(4)[500], 9 << 12 | 7);
    pv_table(4)[500] |= X86_PTE_ACCESSED | X86_PTE_DIRTY;
    pvops_mmu_modify_entry(&pv_table(4)[500], 9 << 12 | 5);
    EXPECT_EQ(9 << 12 | 5 | X86_PTE_ACCESSED | X86_PTE_DIRTY,
              pvops_mmu_read_entry(&pv_table(4)[500]));
}

#endif
