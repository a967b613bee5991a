/* SPDX-License-Identifier: MIT */
/*
 * Translations that several CPUs forget: on a model of their TLBs, which take
 * nothing back by themselves.
 *
 * Every page is at OLD + its number when all CPUs look at it, in each of their
 * ASIDs; then at NEW. When a flush has returned, what it names must be seen as
 * it is, on each CPU that it names, with no further turn for any of them.
 *
 * Tried: ask() of all but the last: every fails. wait_for() left out of
 *        flush(): every fails. forget_inactive() left out: asids fails.
 *        INVPCID alone, without INVLPG, for another ASID's: asids fails.
 *        has_invpcid not looked at: asids fails. PVI_FLUSH_ALL served as
 *        PVI_FLUSH_SPACE: every fails. forget_own() left out: every fails.
 *        flush_all() left out of pvi_smp_cpu_online(): late fails.
 *        pvi_smp_flush_leave() left out: leaving fails. end_batch() left out:
 *        batch fails. 'waits' not looked at: sleeper fails. The first
 *        wait_for() left out of post(): handler fails. ask() without its look
 *        at NULL: gone fails.
 */
#include "pvtest.h"

#include "host.h"
#include "pc.h"
#include "smp_machine.h"

#include "abi/x86.h"

enum {
    CPUS = 4,
    PAGE = 4096,
    PAGES = 40,
    GLOBAL = 64, /* from this page of the table on they are global */
    OTHER_ASID = 5,
    PRESENT_WRITE = 3,
    PTE_GLOBAL = 0x100,
};
#define OLD   UINT64_C(0x1000000)
#define NEW   UINT64_C(0x2000000)
#define ROOT  UINT64_C(0x100000)
#define TABLE UINT64_C(0x10000)

#ifdef __x86_64__
enum { LEVELS = 4, INDEX_BITS = 9 };
#else
enum { LEVELS = 2, INDEX_BITS = 10 };
#endif

static uint64_t where;

/* One table a level serves every address. */
static uint64_t read_entry(uint64_t table, unsigned level, unsigned index)
{
    (void)table;
    if (level > 1)
        return TABLE * level | PRESENT_WRITE;
    return (where + index * PAGE) | PRESENT_WRITE |
           (index >= GLOBAL ? PTE_GLOBAL : 0u);
}

static uint64_t seen_at(unsigned page)
{
    uint64_t paddr;

    EXPECT(fake_tlb_access((uint64_t)page * PAGE, FAKE_READ, &paddr));
    return paddr - (uint64_t)page * PAGE;
}

static void run_in(unsigned asid)
{
    bool pcide = fake_system.cr4 & X86_CR4_PCIDE;

    fake_system.cr3 = (uintptr_t)ROOT | (pcide ? asid : 0);
    fake_tlb_write_cr3(fake_system.cr3 | (pcide ? UINT64_C(1) << 63 : 0));
}

static void look(void)
{
    for (unsigned page = 0; page < PAGES; page++) {
        EXPECT_EQ(where, seen_at(page));
        EXPECT_EQ(where, seen_at(GLOBAL + page));
    }
}

/* CPU 'now' sees everything at OLD, in both ASIDs, and goes on in 'asid'. */
static void remember_here(uintptr_t cr4, unsigned asid)
{
    where = OLD;
    fake_system.cr4 = cr4;
    fake_tlb_write_cr4(cr4);
    if (cr4 & X86_CR4_PCIDE) {
        run_in(OTHER_ASID - asid);
        look();
    }
    run_in(asid);
    look();
    where = NEW;
}

static void machine(uintptr_t cr4, bool invpcid, unsigned asid)
{
    smp_start(CPUS, false);
    pvi.has_invpcid = invpcid;
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
    for (unsigned cpu = CPUS; cpu-- > 0;) {
        fake_cpus_switch(cpu);
        remember_here(cr4, asid);
    }
}

static struct pvops_cpus set_of(uintptr_t cpus)
{
    struct pvops_cpus set = { { cpus } };

    return set;
}

enum kind { ONE_PAGE, SOME_PAGES, MANY_PAGES, SPACE, EVERYTHING, KINDS };

/* Of ASID 0. Half of a range is of global pages. */
static void flush(enum kind kind, const struct pvops_cpus *set)
{
    switch (kind) {
    case ONE_PAGE:
        pvops_smp_flush_range(set, (uintptr_t)ROOT, 3 * PAGE, 1);
        break;
    case SOME_PAGES:
        pvops_smp_flush_range(set, (uintptr_t)ROOT, (GLOBAL - 8) * PAGE, 16);
        break;
    case MANY_PAGES:
        pvops_smp_flush_range(set, (uintptr_t)ROOT, 0, PAGES);
        break;
    case SPACE:
        pvops_smp_flush_space(set, (uintptr_t)ROOT);
        break;
    default:
        pvops_smp_flush_all(set);
        break;
    }
}

static bool named_page(enum kind kind, unsigned page)
{
    switch (kind) {
    case ONE_PAGE:
        return page == 3;
    case SOME_PAGES:
        return page >= GLOBAL - 8 && page < GLOBAL + 8;
    case MANY_PAGES:
        return page < PAGES;
    case SPACE:
        return page < GLOBAL;
    default:
        return true;
    }
}

/* What CPU 'now' sees of what was asked for, in ASID 0. */
static void must_see_new(enum kind kind)
{
    for (unsigned page = 0; page < GLOBAL + PAGES; page++) {
        bool looked_at = page < PAGES || page >= GLOBAL;

        if (looked_at && named_page(kind, page))
            EXPECT_EQ(NEW, seen_at(page));
    }
}

static void must_see_old(void)
{
    EXPECT_EQ(OLD, seen_at(3));
    EXPECT_EQ(OLD, seen_at(GLOBAL));
}

/* CPU 'from' flushes for 'set' (0: NULL), and all are asked what they see. */
static void try_flush(enum kind kind, uintptr_t set, unsigned from,
                      unsigned cpus_asid)
{
    struct pvops_cpus cpus = set_of(set);

    fake_cpus_switch(from);
    flush(kind, set ? &cpus : NULL);
    EXPECT_EQ(from, fake_cpus.now);
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        fake_cpus_switch(cpu);
        if (set && !(set >> cpu & 1)) {
            if (cpus_asid == 0)
                must_see_old();
            continue;
        }
        run_in(0);
        must_see_new(kind);
    }
}

PVTEST(every, "each kind, for each set, in each mode")
{
    static const uintptr_t sets[] = { 0, 1, 2, 4, 8, 6, 0xb, 0xf, 0xe };

    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
            machine(X86_CR4_PGE, false, 0);
            try_flush(kind, sets[i], 0, 0);
            machine(X86_CR4_PGE, false, 0);
            try_flush(kind, sets[i], 2, 0);
        }
    }
}

#ifdef __x86_64__
PVTEST(asids, "an ASID that is not the active one, with and without INVPCID")
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned mode = 0; mode < 4; mode++) {
            unsigned asid = mode & 1 ? OTHER_ASID : 0;

            machine(X86_CR4_PGE | X86_CR4_PCIDE, mode & 2, asid);
            try_flush(kind, 0, 1, asid);
            machine(X86_CR4_PGE | X86_CR4_PCIDE, mode & 2, asid);
            try_flush(kind, 0xc, 3, asid);
        }
    }
}
#endif

PVTEST(exits, "CR4, an exit of a guest, is left alone, but to flush everything")
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned invpcid = 0; invpcid < 2; invpcid++) {
            bool all = kind == MANY_PAGES || kind == EVERYTHING;

            machine(X86_CR4_PGE, invpcid, 0);
            fake_cr4_accesses = 0;
            try_flush(kind, 0xf, 0, 0);
            EXPECT_EQ(all && !invpcid, fake_cr4_accesses > 0);
        }
    }
}

PVTEST(alone, "for this CPU alone, nothing is sent")
{
    struct pvops_cpus own = set_of(1);

    machine(X86_CR4_PGE, false, 0);
    pvops_smp_flush_all(&own);
    EXPECT_EQ(0, fake_cpus.command_count);
    must_see_new(EVERYTHING);
    smp_start(1, false);
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
    remember_here(X86_CR4_PGE, 0);
    pvops_smp_flush_all(NULL);
    EXPECT_EQ(0, fake_cpus.command_count);
    must_see_new(EVERYTHING);
}

PVTEST(sent, "one interrupt for each of the others, served, with its EOI")
{
    machine(X86_CR4_PGE, false, 0);
    pvops_smp_flush_space(NULL, (uintptr_t)ROOT);
    EXPECT_EQ(CPUS - 1, fake_cpus.command_count);
    for (unsigned cpu = 1; cpu < CPUS; cpu++) {
        EXPECT_EQ(smp_id(cpu), fake_cpus.commands[cpu - 1].apic_id);
        EXPECT_EQ(SMP_FLUSH, fake_cpus.commands[cpu - 1].command);
        EXPECT_EQ(1, fake_cpus.taken[cpu]);
        /* It is the library's own: the kernel has nothing to do. */
        EXPECT_EQ(0, fake_cpus.found[cpu]);
        fake_cpus_switch(cpu);
        EXPECT_EQ(1, fake.apic_eois);
    }
}

static void poll(void)
{
    pvops_smp_poll();
}

PVTEST(polled, "with interrupts off it is served in pvops_smp_poll()")
{
    machine(X86_CR4_PGE, false, 0);
    for (unsigned cpu = CPUS; cpu-- > 0;) {
        fake_cpus_switch(cpu);
        fake_system.interrupts = false;
    }
    fake_cpus.turn = poll;
    try_flush(EVERYTHING, 0, 0, 0);
    EXPECT_EQ(0, fake_cpus.taken[1]);
    EXPECT(!fake_system.interrupts);
    /* The interrupt comes late, and finds nothing to do. */
    fake_cpus_switch(1);
    fake_system.interrupts = true;
    EXPECT_EQ(1, fake_cpus_take());
    EXPECT_EQ(0, fake_cpus.found[1]);
}

static unsigned kicked;

static PVOPS_OP_CALL void note_kick(unsigned cpu)
{
    kicked |= 1u << cpu;
}

PVTEST(sleeper, "one that sleeps for a lock is woken")
{
    kicked = 0;
    machine(X86_CR4_PGE, false, 0);
    pvops_lock_table.kick = note_kick;
    pvi_smp(&smp_cpus[2])->waits = true;
    try_flush(EVERYTHING, 0, 1, 0);
    EXPECT_EQ(4, kicked);
}

static bool asked_again;

/* CPU 0's own handler asks, too, while CPU 0 waits. */
static void ask_in_handler(unsigned vector)
{
    unsigned found = pvops_time_arrived(vector);

    if (found != PVOPS_ARRIVED_IPI(1))
        return;
    asked_again = true;
    flush(ONE_PAGE, NULL);
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        EXPECT_EQ(0, pvi_smp(&smp_cpus[cpu])->asked_by.words[0]);
}

/* CPU 3 has interrupts off, and answers when CPU 0 has asked twice. */
static void interrupt_asker(void)
{
    if (fake_cpus.now == 1 && !asked_again)
        fake_cpus_interrupt(0, smp_vector(0, 1));
    if (fake_cpus.now == 3 && asked_again)
        pvops_smp_poll();
}

PVTEST(handler, "a handler asks on the CPU that waits: both are done")
{
    asked_again = false;
    machine(X86_CR4_PGE, false, 0);
    fake_cpus_switch(3);
    fake_system.interrupts = false;
    fake_cpus.take = ask_in_handler;
    fake_cpus.turn = interrupt_asker;
    try_flush(EVERYTHING, 0, 0, 0);
    EXPECT(asked_again);
}

static void leave(void)
{
    if (fake_cpus.now == 2 && pvi_cpu_at(2))
        pvops_cpu_teardown(&smp_cpus[2]);
}

PVTEST(leaving, "one that is torn down meanwhile answers for the last time")
{
    machine(X86_CR4_PGE, false, 0);
    fake_cpus_switch(2);
    fake_system.interrupts = false;
    fake_cpus.turn = leave;
    try_flush(EVERYTHING, 0, 0, 0);
    EXPECT_EQ(0, pvi_cpu_at(2) != NULL);
    /* From now on it is not asked. */
    fake_cpus_switch(0);
    fake_cpus.command_count = 0;
    flush(EVERYTHING, NULL);
    EXPECT_EQ(CPUS - 2, fake_cpus.command_count);
}

static void end_posting(void)
{
    if (fake_cpus.now == 1)
        pvi_smp(&smp_cpus[1])->posts = false;
}

PVTEST(posting, "a CPU does not leave while another may have looked it up")
{
    machine(X86_CR4_PGE, false, 0);
    /* CPU 1 has looked up CPU 2, and asks it when that is gone already. */
    pvi_smp(&smp_cpus[1])->posts = true;
    pvi_smp(&smp_cpus[1])->flush = (struct pvi_flush){ .kind = PVI_FLUSH_ALL };
    pvi_smp(&smp_cpus[1])->flush_left = 1;
    pvi_smp(&smp_cpus[2])->asked_by.words[0] = 2;
    fake_cpus.turn = end_posting;
    fake_cpus_switch(2);
    fake_system.interrupts = false;
    pvops_cpu_teardown(&smp_cpus[2]);
    EXPECT(!pvi_smp(&smp_cpus[1])->posts);
    EXPECT_EQ(0, pvi_smp(&smp_cpus[1])->flush_left);
}

PVTEST(late, "a CPU that comes forgets what it may have seen before")
{
    smp_reset(2, false);
    smp_setup(1);
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
    fake_cpus_switch(1);
    remember_here(X86_CR4_PGE, 0);
    EXPECT_EQ(PVOPS_OK, smp_cpu_setup(1));
    must_see_new(EVERYTHING);
}

static unsigned ended;

static PVOPS_OP_CALL void begin_batch(void)
{
}

static PVOPS_OP_CALL uintptr_t read_cr3(void)
{
    return fake_system.cr3;
}

static PVOPS_OP_CALL void write_cr3(uintptr_t root)
{
    EXPECT_EQ(0, fake_cpus.command_count);
    EXPECT_EQ(fake_system.cr3, root);
    ended++;
}

PVTEST(batch, "a batch is ended before the others are asked")
{
    ended = 0;
    machine(X86_CR4_PGE, false, 0);
    pvops_mmu_table.begin_batch = begin_batch;
    pvops_mmu_table.read_cr3 = read_cr3;
    pvops_mmu_table.write_cr3 = write_cr3;
    flush(ONE_PAGE, NULL);
    EXPECT_EQ(1, ended);
    EXPECT_EQ(CPUS - 1, fake_cpus.command_count);
}

PVTEST(early, "before its set-up a CPU flushes for itself")
{
    smp_reset(2, false);
    pc_setup();
    fake_cpus_irq_ops();
    fake_percpu = NULL;
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
    remember_here(X86_CR4_PGE, 0);
    pvops_smp_poll();
    pvops_smp_flush_all(NULL);
    must_see_new(EVERYTHING);
}

PVTEST(no_vector, "one that gave no flush_vector: a sentence")
{
    machine(X86_CR4_PGE, false, 0);
    pvi_smp(&smp_cpus[3])->flush_vector = 0;
    EXPECT(HOST_PANICS(pvops_smp_flush_all(NULL)));
    EXPECT_STR("pvops_smp_flush: CPU 3 was set up with no flush_vector",
               host.panic);
}

/* CPU 2's teardown has begun between the look at who is there and asking it. */
static bool begins_to_leave(struct pvops_cpu *cpu)
{
    if (cpu == &smp_cpus[3])
        pvi.cpus[2] = NULL;
    return false;
}

PVTEST(gone, "one whose teardown begins while it is posted is not asked")
{
    struct pvi_backend backend;

    machine(X86_CR4_PGE, false, 0);
    backend = *pvi.backend;
    backend.forgets_later = begins_to_leave;
    pvi.backend = &backend;
    flush(EVERYTHING, NULL);
    EXPECT_EQ(0, pvi_smp(&smp_cpus[0])->flush_left);
    EXPECT_EQ(0, pvi_smp(&smp_cpus[2])->asked_by.words[0]);
    EXPECT_EQ(CPUS - 2, fake_cpus.command_count);
}
