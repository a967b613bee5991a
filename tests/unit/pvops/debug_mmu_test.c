/* SPDX-License-Identifier: MIT */
/*
 * Each rule of pvops/mmu.h by its name, in a build with PVOPS_DEBUG_MMU: a
 * violation is found, and what is legal beside it is not.
 *
 * Tried: every call of refuse() taken out, one at a time: its test fails.
 */
#include "pvtest.h"

#include <x86/system.h>

#include "debug_machine.h"
#include "host.h"

#include "abi/x86.h"

enum { LARGE = 0x80, GLOBAL = 0x100 };

/* An entry of level 1 that maps nothing. */
static pvops_pte *spare(void)
{
    return &memory[LOWEST][(index_at(1) + MEMORY) % PVI_ENTRIES];
}

/* Tables as they must be, given and active. */
static void begin(void)
{
    debug_give_tables();
    debug_activate();
}

#define BREAKS(rule, statement)                                                \
    do {                                                                       \
        static const char want_[] = "mmu rule " rule ": ";                     \
                                                                               \
        EXPECT(HOST_PANICS(statement));                                        \
        if (strncmp(host.panic, want_, sizeof(want_) - 1) != 0)                \
            FAIL("want rule " rule ", got \"%s\"", host.panic);                \
        begin();                                                               \
    } while (0)

PVTEST(entry_by_op, "a table is read-only, and a fault there has a name")
{
    begin();
    EXPECT_STR("entry-by-op",
               pvops_mmu_explain_fault((uintptr_t)&memory[LOWEST][7]));
    EXPECT_STR("entry-by-op",
               pvops_mmu_explain_fault((uintptr_t)&memory[ROOT + 1][7]));
    EXPECT(!pvops_mmu_explain_fault((uintptr_t)&memory[FREE][7]));
    pvops_mmu_write_entry(spare(), at(FREE) | PRESENT | WRITE);
    EXPECT_EQ(at(FREE) | PRESENT | WRITE, *spare());
    EXPECT_EQ(X86_CR0_PG | X86_CR0_WP, fake_system.cr0);
    /* What is in it cannot be read. */
    BREAKS("entry-by-op", pvops_mmu_alloc_table(1, at(MEMORY)));
}

PVTEST(given_first, "given before it is hooked, released after")
{
    pvops_pte *above;

    begin();
    above = &memory[LEVEL_ROOT == 2 ? ROOT : LOWEST - 1][PVI_ENTRIES - 1];
#define HOOK(entry, value)                                                     \
    (LEVEL_ROOT == 2 ? pvops_mmu_write_root(entry, value)                      \
                     : pvops_mmu_write_entry(entry, value))
    BREAKS("given-first", HOOK(above, to_table(FREE)));
    pvops_mmu_alloc_table(1, at(FREE));
    HOOK(above, to_table(FREE));
    BREAKS("given-first", pvops_mmu_release_table(1, at(FREE)));

    pvops_mmu_alloc_table(1, at(FREE));
    BREAKS("given-first", pvops_mmu_alloc_table(1, at(FREE)));
    BREAKS("given-first", pvops_mmu_release_table(1, at(FREE)));
    BREAKS("given-first", pvops_mmu_write_entry(&memory[FREE][0], 0));
    BREAKS("given-first", pvops_mmu_write_root(&memory[FREE][0], 0));
    BREAKS("given-first", pvops_mmu_write_cr3(at(FREE)));

    pvops_mmu_alloc_table(LEVEL_ROOT - 1, at(FREE));
    pvops_mmu_begin_batch();
    pvops_mmu_release_table(LEVEL_ROOT - 1, at(FREE));
    BREAKS("given-first", pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1],
                                               to_table(FREE)));

    /* Filled before, with a table that is not. */
    memory[FREE][5] = to_table(FREE + 2);
    BREAKS("given-first", pvops_mmu_alloc_table(2, at(FREE)));

    pvops_mmu_alloc_table(1, at(FREE));
    HOOK(above, to_table(FREE));
    HOOK(above, 0);
    pvops_mmu_release_table(1, at(FREE));
#ifdef __x86_64__
    /* One that is released leads nowhere any more. */
    pvops_mmu_alloc_table(1, at(FREE));
    memory[FREE + 2][3] = to_table(FREE);
    pvops_mmu_alloc_table(2, at(FREE + 2));
    pvops_mmu_release_table(2, at(FREE + 2));
    pvops_mmu_release_table(1, at(FREE));
#endif
}

PVTEST(loaders_tables, "while they are active, ops may store in any page")
{
    debug_power_on();
    fake_system.cr0 = X86_CR0_PG | X86_CR0_WP;
    pvops_mmu_write_entry(&memory[FREE][0], 0x1234);
    EXPECT_EQ(0x1234, memory[FREE][0]);
    pvops_mmu_write_cr3(0);
}

PVTEST(read_only, "nothing maps a table writable")
{
    begin();
    BREAKS("read-only", pvops_mmu_write_entry(spare(), to_table(LOWEST)));
    BREAKS("read-only", pvops_mmu_write_entry(spare(), to_table(ROOT + 1)));
    pvops_mmu_write_entry(spare(), at(LOWEST) | PRESENT);

    /* alloc_table() sees to one mapping. */
    pvops_mmu_alloc_table(1, at(FREE));
    EXPECT_EQ(at(FREE) | PRESENT, *mapping(FREE));
    EXPECT_EQ((uintptr_t)memory[FREE], fake_system.invlpg);
    pvops_mmu_release_table(1, at(FREE));
    EXPECT_EQ(at(FREE) | PRESENT | WRITE, *mapping(FREE));

    pvops_mmu_write_entry(spare(), to_table(FREE));
    BREAKS("read-only", pvops_mmu_alloc_table(1, at(FREE)));
    pvops_mmu_write_entry(spare(), to_table(FREE));
    pvops_mmu_modify_entry(spare(), at(FREE) | PRESENT);
    pvops_mmu_alloc_table(1, at(FREE));

    memory[FREE + 1][9] = to_table(FREE);
    BREAKS("read-only", pvops_mmu_alloc_table(1, at(FREE + 1)));

    fake_system.cr0 = X86_CR0_PG;
    BREAKS("read-only", pvops_mmu_alloc_table(1, at(FREE)));
}

PVTEST(own_level, "an entry of level N points to a table of level N - 1")
{
    begin();
    BREAKS("own-level", pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1],
                                             to_table(ROOT)));
    pvops_mmu_alloc_table(1, at(FREE));
    BREAKS("own-level", pvops_mmu_release_table(2, at(FREE)));
    BREAKS("own-level", pvops_mmu_alloc_table(0, at(FREE)));
    BREAKS("own-level", pvops_mmu_alloc_table(LEVEL_ROOT + 1, at(FREE)));
    BREAKS("own-level", pvops_mmu_alloc_table(1, at(FREE) + 8));
#ifdef __x86_64__
    pvops_mmu_alloc_table(1, at(FREE));
    BREAKS("own-level",
           pvops_mmu_write_entry(&memory[LOWEST - 2][400], to_table(FREE)));
    BREAKS("own-level", pvops_mmu_modify_entry(&memory[LOWEST - 1][400], 0));
    pvops_mmu_alloc_table(2, at(FREE));
    pvops_mmu_write_entry(&memory[LOWEST - 2][400], to_table(FREE));
#endif
}

PVTEST(root_by_op, "roots are stored by their op, activated, and released idle")
{
    begin();
    EXPECT_EQ(2, pvops_mmu_root_pages());
    BREAKS("root-by-op", pvops_mmu_write_entry(&memory[ROOT][0], 0));
    BREAKS("root-by-op", pvops_mmu_write_root(spare(), 0));
    BREAKS("root-by-op", pvops_mmu_write_root(&memory[ROOT + 1][0], 0));
    BREAKS("root-by-op", pvops_mmu_write_entry(&memory[ROOT + 1][0], 0));
    BREAKS("root-by-op", pvops_mmu_release_table(LEVEL_ROOT, at(ROOT)));
    BREAKS("root-by-op", pvops_mmu_write_cr3(at(LOWEST)));
    memory[FREE + 1][PVI_ENTRIES - 1] = 1;
    BREAKS("root-by-op", pvops_mmu_alloc_table(LEVEL_ROOT, at(FREE)));

    memory[FREE][index_at(LEVEL_ROOT)] = memory[ROOT][index_at(LEVEL_ROOT)];
    pvops_mmu_alloc_table(LEVEL_ROOT, at(FREE));
    EXPECT_EQ(at(FREE + 1) | PRESENT, *mapping(FREE + 1));
    pvops_mmu_write_cr3(at(FREE) | 0x18);
    /* Of another CPU. */
    fake_system.cr3 = at(ROOT);
    BREAKS("root-by-op", pvops_mmu_release_table(LEVEL_ROOT, at(FREE)));
    memory[FREE][index_at(LEVEL_ROOT)] = memory[ROOT][index_at(LEVEL_ROOT)];
    pvops_mmu_alloc_table(LEVEL_ROOT, at(FREE));
    pvops_mmu_write_cr3(at(FREE));
    pvops_mmu_release_table(LEVEL_ROOT, at(ROOT));
    EXPECT_EQ(at(ROOT + 1) | PRESENT | WRITE, *mapping(ROOT + 1));
    EXPECT(!pvops_mmu_explain_fault((uintptr_t)memory[ROOT]));
}

PVTEST(small_page, "neither large pages nor global ones")
{
    begin();
    EXPECT_EQ(0, pvops_caps() & PVOPS_CAP_LARGE_PAGES);
    EXPECT_EQ(0, pvops_caps() & PVOPS_CAP_WRITABLE_TABLES);
    BREAKS("small-page",
           pvops_mmu_write_entry(spare(), at(FREE) | PRESENT | GLOBAL));
    /* Of level 1 it is PAT. */
    pvops_mmu_write_entry(spare(), at(FREE) | PRESENT | LARGE);
    BREAKS("small-page", pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1],
                                              at(FREE) | PRESENT | LARGE));
    pvops_mmu_alloc_table(LEVEL_ROOT - 1, at(FREE));
    BREAKS("small-page", pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1],
                                              to_table(FREE) | GLOBAL));
    pvops_mmu_alloc_table(LEVEL_ROOT - 1, at(FREE));
    pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1], to_table(FREE));
}

PVTEST(ram_or_device, "what is no RAM is marked")
{
    begin();
    BREAKS("ram-or-device",
           pvops_mmu_write_entry(spare(), 0xfee00000u | PRESENT | WRITE));
    pvops_mmu_write_entry(spare(),
                          0xfee00000u | PRESENT | WRITE | PVOPS_PTE_MACHINE);
#ifdef __x86_64__
    /* The model's CPUID has no width: 36 bits. */
    pvops_mmu_write_entry(spare(), UINT64_C(0xffffff000) | PRESENT);
    BREAKS("ram-or-device",
           pvops_mmu_write_entry(spare(), UINT64_C(0x1000000000) | PRESENT));
#endif
}

PVTEST(absent_value, "what an entry that is not present may hold")
{
    begin();
    pvops_mmu_write_entry(spare(), LARGE | WRITE);
    EXPECT_EQ(LARGE | WRITE, pvops_mmu_read_entry(spare()));
    BREAKS("absent-value",
           pvops_mmu_write_root(&memory[ROOT][PVI_ENTRIES - 1], LARGE));
    pvops_mmu_write_entry(spare(), ~(pvops_pte)PRESENT);
#ifdef __x86_64__
    pvops_mmu_write_entry(spare(), UINT64_C(0x3fffffff000));
    BREAKS("absent-value",
           pvops_mmu_write_entry(spare(), UINT64_C(0x40000000000)));
#endif
}

#ifdef __x86_64__
PVTEST(own_slots, "slots 256 to 271 of a root are a hypervisor's")
{
    begin();
    BREAKS("own-slots", pvops_mmu_write_root(&memory[ROOT][256], 0));
    BREAKS("own-slots", pvops_mmu_write_root(&memory[ROOT][271], 0));
    pvops_mmu_write_root(&memory[ROOT][255], 0);
    pvops_mmu_write_root(&memory[ROOT][272], 0);
    memory[FREE][260] = 2;
    BREAKS("own-slots", pvops_mmu_alloc_table(LEVEL_ROOT, at(FREE)));
    memory[FREE][260] = 2;
    pvops_mmu_alloc_table(1, at(FREE));
}
#endif

PVTEST(in_order, "begin and end, and no look at what waits")
{
    begin();
    BREAKS("in-order", pvops_mmu_end_batch());
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(spare(), 0);
    BREAKS("in-order", (void)pvops_mmu_read_entry(spare()));
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(spare(), 0);
    (void)pvops_mmu_read_entry(mapping(FREE));
    pvops_mmu_end_batch();
    (void)pvops_mmu_read_entry(spare());
    BREAKS("in-order", pvops_mmu_end_batch());

    /* write_cr3() ends all; what is left over does nothing, once for each. */
    pvops_mmu_begin_batch();
    pvops_mmu_begin_batch();
    pvops_mmu_write_cr3(at(ROOT));
    pvops_mmu_end_batch();
    pvops_mmu_end_batch();
    BREAKS("in-order", pvops_mmu_end_batch());
}

PVTEST(delayed, "what a batch does is done at its end, flushes last")
{
    const pvops_pte value = at(FREE) | PRESENT | WRITE;

    begin();
    fake_system.invlpg = 0;
    fake_system.tlb_global = true;
    pvops_mmu_alloc_table(1, at(FREE + 1));
    pvops_mmu_begin_batch();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(spare(), value);
    pvops_mmu_release_table(1, at(FREE + 1));
    pvops_mmu_flush_page(0x5000);
    pvops_mmu_end_batch();
    EXPECT_EQ(0, *spare());
    EXPECT_EQ(at(FREE + 1) | PRESENT, *mapping(FREE + 1));
    EXPECT_STR("in-order",
               pvops_mmu_explain_fault((uintptr_t)memory[FREE + 1]));
    EXPECT(fake_system.invlpg != 0x5000);
    pvops_mmu_end_batch();
    EXPECT_EQ(value, *spare());
    EXPECT_EQ(to_table(FREE + 1), *mapping(FREE + 1));
    EXPECT_EQ(0x5000, fake_system.invlpg);
    EXPECT(fake_system.tlb_global);

    pvops_mmu_begin_batch();
    pvops_mmu_flush_page(0x6000);
    pvops_mmu_flush_page(0x8000);
    EXPECT(fake_system.tlb_global);
    pvops_mmu_end_batch();
    EXPECT(!fake_system.tlb_global);
}

PVTEST(delayed_counts, "what waits counts already, and a full batch goes out")
{
    begin();
    pvops_mmu_begin_batch();
    pvops_mmu_write_entry(spare(), to_table(FREE));
    pvops_mmu_write_entry(spare(), 0);
    pvops_mmu_alloc_table(1, at(FREE));
    pvops_mmu_write_entry(spare(), to_table(FREE + 1));
    BREAKS("read-only", pvops_mmu_alloc_table(1, at(FREE + 1)));

    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(1, at(FREE));
    for (unsigned i = 0; i < 100; i++)
        pvops_mmu_write_entry(&memory[FREE][i], to_table(FREE + 1));
    EXPECT_EQ(to_table(FREE + 1), memory[FREE][63]);
    EXPECT_EQ(0, memory[FREE][99]);
    /* Released with stores that wait, then given again. */
    pvops_mmu_release_table(1, at(FREE));
    BREAKS("given-first",
           pvops_mmu_write_entry(&memory[FREE][0], to_table(FREE + 1)));
    pvops_mmu_begin_batch();
    pvops_mmu_alloc_table(1, at(FREE));
    pvops_mmu_write_entry(&memory[FREE][9], to_table(FREE + 1));
    pvops_mmu_release_table(1, at(FREE));
    pvops_mmu_alloc_table(1, at(FREE + 1));
    pvops_mmu_end_batch();
    EXPECT_EQ(to_table(FREE + 1), memory[FREE][9]);
}

PVTEST(unchecked, "beyond PVOPS_DEBUG_FRAMES, which is said once")
{
    const uintptr_t far = (uintptr_t)PVOPS_DEBUG_FRAMES * sizeof(table);

    begin();
    pvops_mmu_alloc_table(1, far);
    pvops_mmu_alloc_table(1, far);
    EXPECT(host_logged("are not checked"));
    EXPECT(!strstr(strstr(host.log, "are not checked") + 1, "are not checked"));
    pvops_mmu_write_entry(spare(), far | PRESENT | WRITE);
    pvops_mmu_release_table(1, far);
}
