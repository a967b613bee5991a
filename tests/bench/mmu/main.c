/* SPDX-License-Identifier: MIT */
/*
 * mmu: what page-table work costs under Xen PV, with no kernel around it:
 * entries one by one and in batches, tables hooked and unhooked, roots.
 *
 * Counted by pvlab bench: a line here names the samples before it.
 */
#include <guest.h>

#include <pvops/pvops.h>

#include "host.h"
#include "start/start.h"

enum { PAGE = 4096, ENTRIES = 512, ROUNDS = 5, EVENT_VECTOR = 0x51 };

#define P UINT64_C(1)
#define W UINT64_C(2)
#define U UINT64_C(4)

static struct {
    struct pvops_cpu cpu;
} area __attribute__((aligned(PAGE)));

static uint8_t setup_pages[PVOPS_SETUP_PAGES][PAGE]
    __attribute__((aligned(PAGE)));
static uint64_t idt[256][2] __attribute__((aligned(PAGE)));
static uint8_t data[ENTRIES][PAGE] __attribute__((aligned(PAGE)));
static pvops_pte l1[ENTRIES] __attribute__((aligned(PAGE)));
static pvops_pte root[2][ENTRIES] __attribute__((aligned(2 * PAGE)));

static pvops_pte l2[ENTRIES] __attribute__((aligned(PAGE)));

static void on_event(void)
{
}

static bool setup(void)
{
    static struct pvops_probe_options probe;
    static struct pvops_info info;
    struct pvops_setup_options options = {
        .probe = &probe,
        .pages = setup_pages,
    };
    const struct pvops_cpu_options cpu = {
        .event_vector = EVENT_VECTOR,
        .deadline_vector = EVENT_VECTOR,
        .own_timer = true,
    };
    uintptr_t to = (uintptr_t)on_event;

    probe.entry = PVOPS_ENTRY_XEN_PV;
    probe.xen_start_info = boot_private.xen_start_info;
    pvops_probe(&probe, &info);
    if (pvops_setup(&info, &options) != PVOPS_OK)
        return false;
    pvops_cpu_set_percpu_base((uintptr_t)&area);
    idt[EVENT_VECTOR][0] =
        (to & 0xffff) | 0x8e00ull << 32 | (to >> 16 & 0xffff) << 48;
    idt[EVENT_VECTOR][1] = to >> 32;
    pvops_cpu_load_idt(idt, sizeof(idt));
    return pvops_cpu_setup(&area.cpu, &cpu) == PVOPS_OK;
}

static pvops_pte *walk(uintptr_t va, unsigned to_level)
{
    pvops_pte *table = (pvops_pte *)pvops_mmu_read_cr3();

    for (unsigned level = 4; level > to_level; level--)
        table =
            (pvops_pte
                 *)(uintptr_t)(pvops_mmu_read_entry(
                                   &table[va >> (12 + (level - 1) * 9) & 511]) &
                               UINT64_C(0x000ffffffffff000));
    return table;
}

/* What is between the two is counted. */
void bench_from(void);
void bench_to(void);

__attribute__((noipa)) void bench_from(void)
{
    __asm__ volatile("# from");
}

__attribute__((noipa)) void bench_to(void)
{
    __asm__ volatile("# to");
}

/* The last ROUNDS samples are of this; 'each' of what it names are in one. */
static void show(const char *name, unsigned each)
{
    guest_text("bench: %u %u %s\n", ROUNDS, each, name);
}

/* The same of a table of level 1 with so many entries present. */
static void show_table(unsigned present, const char *what)
{
    guest_text("bench: %u 1 level 1, %u present: %s\n", ROUNDS, present, what);
}

#define EACH_ROUND for (unsigned round = 0; round < ROUNDS; round++)

static pvops_pte entry_of(unsigned i, pvops_pte flags)
{
    return (uintptr_t)data[i] | flags;
}

static void entries(unsigned count, const char *name, bool batch, pvops_pte a,
                    pvops_pte b)
{
    EACH_ROUND
    {
        for (unsigned i = 0; i < count; i++)
            pvops_mmu_write_entry(&l1[i], a ? entry_of(i, a) : 0);
        bench_from();
        if (batch)
            pvops_mmu_begin_batch();
        for (unsigned i = 0; i < count; i++)
            pvops_mmu_write_entry(&l1[i], b ? entry_of(i, b) : 0);
        if (batch)
            pvops_mmu_end_batch();
        bench_to();
    }
    show(name, count);
}

static void with_flush(bool batch, const char *name)
{
    EACH_ROUND
    {
        pvops_mmu_write_entry(&l1[0], entry_of(0, P | W | U));
        bench_from();
        if (batch)
            pvops_mmu_begin_batch();
        pvops_mmu_write_entry(&l1[0], entry_of(0, P | U));
        pvops_mmu_flush_page(UINT64_C(1) << 39);
        if (batch)
            pvops_mmu_end_batch();
        bench_to();
    }
    show(name, 1);
}

static void hook(void)
{
    pvops_mmu_write_entry(&l2[100], (uintptr_t)l1 | P | W | U);
}

static void unhook(void)
{
    pvops_mmu_write_entry(&l2[100], 0);
}

static void tables(unsigned present)
{
    static const char *const names[] = { "alloc_table", "hooked", "unhooked",
                                         "release_table" };

    for (unsigned step = 0; step < 4; step++) {
        EACH_ROUND
        {
            for (unsigned i = 0; i < ENTRIES; i++)
                l1[i] = i < present
                            ? pvops_mmu_make_entry(entry_of(i, P | W | U))
                            : 0;
            if (step == 0)
                bench_from();
            pvops_mmu_alloc_table(1, (uintptr_t)l1);
            if (step == 0)
                bench_to();
            if (step == 1)
                bench_from();
            hook();
            if (step == 1)
                bench_to();
            if (step == 2)
                bench_from();
            unhook();
            if (step == 2)
                bench_to();
            if (step == 3)
                bench_from();
            pvops_mmu_release_table(1, (uintptr_t)l1);
            if (step == 3)
                bench_to();
        }
        show_table(present, names[step]);
    }
    EACH_ROUND
    {
        for (unsigned i = 0; i < ENTRIES; i++)
            l1[i] =
                i < present ? pvops_mmu_make_entry(entry_of(i, P | W | U)) : 0;
        bench_from();
        pvops_mmu_begin_batch();
        pvops_mmu_alloc_table(1, (uintptr_t)l1);
        hook();
        pvops_mmu_end_batch();
        bench_to();
        pvops_mmu_begin_batch();
        unhook();
        pvops_mmu_release_table(1, (uintptr_t)l1);
        pvops_mmu_end_batch();
    }
    show_table(present, "alloc_table, hooked, one batch");
    EACH_ROUND
    {
        for (unsigned i = 0; i < ENTRIES; i++)
            l1[i] =
                i < present ? pvops_mmu_make_entry(entry_of(i, P | W | U)) : 0;
        pvops_mmu_begin_batch();
        pvops_mmu_alloc_table(1, (uintptr_t)l1);
        hook();
        pvops_mmu_end_batch();
        bench_from();
        pvops_mmu_begin_batch();
        unhook();
        pvops_mmu_release_table(1, (uintptr_t)l1);
        pvops_mmu_end_batch();
        bench_to();
    }
    show_table(present, "unhooked, release_table, one batch");
}

static void roots(void)
{
    pvops_pte *old = (pvops_pte *)pvops_mmu_read_cr3();

    for (unsigned step = 0; step < 2; step++) {
        EACH_ROUND
        {
            for (unsigned i = 0; i < ENTRIES; i++)
                root[0][i] = root[1][i] = 0;
            root[0][0] = old[0];
            root[0][300] = old[0];
            if (step == 0)
                bench_from();
            pvops_mmu_alloc_table(4, (uintptr_t)root);
            if (step == 0)
                bench_to();
            if (step == 1)
                bench_from();
            pvops_mmu_release_table(4, (uintptr_t)root);
            if (step == 1)
                bench_to();
        }
        show(step == 0 ? "root: alloc" : "root: release", 1);
    }
    for (unsigned i = 0; i < ENTRIES; i++)
        root[0][i] = root[1][i] = 0;
    root[0][0] = old[0];
    pvops_mmu_alloc_table(4, (uintptr_t)root);
    EACH_ROUND
    {
        bench_from();
        pvops_mmu_write_root(&root[0][100], pvops_mmu_read_entry(&old[0]));
        bench_to();
        pvops_mmu_write_root(&root[0][100], 0);
    }
    show("root: write_root, user slot", 1);
    EACH_ROUND
    {
        bench_from();
        pvops_mmu_write_cr3((uintptr_t)root);
        bench_to();
        pvops_mmu_write_cr3((uintptr_t)old);
    }
    show("write_cr3", 1);
    EACH_ROUND
    {
        pvops_mmu_begin_batch();
        bench_from();
        pvops_cpu_set_kernel_stack(NULL, (uintptr_t)&data[8]);
        pvops_mmu_write_cr3((uintptr_t)root);
        bench_to();
        pvops_mmu_write_cr3((uintptr_t)old);
    }
    show("set_kernel_stack + write_cr3, one batch", 1);
    EACH_ROUND
    {
        bench_from();
        pvops_cpu_set_kernel_stack(NULL, (uintptr_t)&data[8]);
        bench_to();
    }
    show("set_kernel_stack", 1);
    pvops_mmu_write_cr3((uintptr_t)root);
    EACH_ROUND
    {
        bench_from();
        pvops_mmu_write_cr3((uintptr_t)root);
        bench_to();
    }
    show("write_cr3, the same", 1);
    pvops_mmu_write_cr3((uintptr_t)old);
    pvops_mmu_release_table(4, (uintptr_t)root);
}

static void flush(unsigned pages, const char *name)
{
    EACH_ROUND
    {
        bench_from();
        pvops_mmu_flush_range((uintptr_t)data, pages);
        bench_to();
    }
    show(name, 1);
}

void guest_main(void)
{
    guest_begin();
    if (!guest_boot.xen_pv || !setup()) {
        guest_skip("mmu", "a PV domain of Xen's only");
        guest_end();
        return;
    }
    EACH_ROUND
    {
        bench_from();
        bench_to();
    }
    show("nothing", 1);
    pvops_mmu_alloc_table(2, (uintptr_t)l2);
    pvops_mmu_write_entry(&walk((uintptr_t)data, 3)[100],
                          (uintptr_t)l2 | P | W | U);
    pvops_mmu_alloc_table(1, (uintptr_t)l1);
    hook();
    EACH_ROUND
    {
        bench_from();
        pvops_mmu_begin_batch();
        pvops_mmu_end_batch();
        bench_to();
    }
    show("empty batch", 1);
    entries(1, "write_entry, none to RW", false, 0, P | W | U);
    entries(1, "write_entry, RW to RO", false, P | W | U, P | U);
    entries(1, "write_entry, RO to RW", false, P | U, P | W | U);
    entries(1, "write_entry, RW to none", false, P | W | U, 0);
    entries(1, "batch of 1, none to RW", true, 0, P | W | U);
    entries(8, "batch of 8, none to RW", true, 0, P | W | U);
    entries(32, "batch of 32, none to RW", true, 0, P | W | U);
    entries(64, "batch of 64, none to RW", true, 0, P | W | U);
    entries(256, "batch of 256, none to RW", true, 0, P | W | U);
    entries(256, "batch of 256, RW to RO", true, P | W | U, P | U);
    entries(256, "batch of 256, RO to RW", true, P | U, P | W | U);
    entries(256, "batch of 256, RW to none", true, P | W | U, 0);
    entries(ENTRIES, "batch of 512, none to none", true, 0, 0);
    with_flush(false, "write_entry and flush_page, RW to RO");
    with_flush(true, "the same in a batch");
    unhook();
    pvops_mmu_release_table(1, (uintptr_t)l1);
    tables(0);
    tables(1);
    tables(16);
    tables(256);
    tables(512);
    roots();
    flush(1, "flush of 1");
    flush(2, "flush of 2");
    flush(8, "flush of 8");
    flush(16, "flush of 16");
    flush(17, "flush of 17: all");
    guest_pass("mmu");
    guest_end();
}
