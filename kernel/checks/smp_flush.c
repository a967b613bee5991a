/* SPDX-License-Identifier: MIT */
/*
 * Translations that other CPUs use are forgotten when the flush returns: for
 * real, by CPUs that read through them all the time.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/log.h"
#include "core/pages.h"

#define BASE ((uintptr_t)LAYOUT_SCRATCH + 0x200000)

/* Source: Intel SDM 3, 4.3 and 4.5. */
enum { PRESENT = 0x01, GLOBAL = 0x100 };

enum { MANY = 64, WORD_A = 0x5a5a5a5a, WORD_B = 0x7e7e7e7e };

enum way { RANGE, SPACE, ALL };

static const struct variant {
    const char *name;
    enum way way;
    unsigned pages;
    bool exchange; /* for another page; or else taken out */
    bool global;
    bool set; /* the CPUs are named, this one too */
    bool off; /* the readers' interrupts are off: they poll */
    bool one; /* 'named' is in the set, and no other reader */
} variants[] = {
    { "a range of 1, exchanged", RANGE, 1, true, false, false, false, false },
    { "a range of 1, taken out", RANGE, 1, false, false, true, false, false },
    { "a range of 8, exchanged", RANGE, 8, true, false, false, false, false },
    { "a range of 33, taken out", RANGE, 33, false, false, true, false, false },
    { "a range of 64, exchanged", RANGE, MANY, true, false, true, false,
      false },
    { "a range of 64, taken out", RANGE, MANY, false, false, false, false,
      false },
    { "a space, exchanged", SPACE, MANY, true, false, false, false, false },
    { "a space, taken out", SPACE, MANY, false, false, true, false, false },
    { "all, exchanged", ALL, MANY, true, false, false, false, false },
    { "all, taken out", ALL, 1, false, false, true, false, false },
    { "a global range of 1", RANGE, 1, true, true, false, false, false },
    { "a global range of 64", RANGE, MANY, true, true, true, false, false },
    { "all, global ones", ALL, MANY, true, true, false, false, false },
    { "a range of 1, interrupts off", RANGE, 1, true, false, false, true,
      false },
    { "all, interrupts off", ALL, MANY, true, false, true, true, false },
    { "a range of 1, of one CPU", RANGE, 1, true, false, true, false, true },
    { "a space, of one CPU", SPACE, 8, true, false, true, false, true },
    { "all, of one CPU", ALL, 8, true, true, true, false, true },
};

static const struct variant *variant;
static unsigned named;
static uint8_t *page_a, *page_b;

/*
 * The number of what is mapped: even, and it is so on every CPU, odd while it
 * changes. Of four numbers, 0 is page A, 2 is page B or nothing.
 */
static uint32_t settled;
static uint32_t over;
static struct smp_word passes[SMP_MOST];

static uint32_t word_of(uint32_t number)
{
    if (!(number & 2))
        return WORD_A;
    return variant->exchange ? WORD_B : 0;
}

static uint32_t look(unsigned page)
{
    uintptr_t at = BASE + (uintptr_t)page * PAGE_BYTES;

    if (variant->exchange)
        return *(const volatile uint32_t *)at;
    return trap_try_read((const volatile uint8_t *)at) ? WORD_A : 0;
}

static void read_all(unsigned me)
{
    for (unsigned page = 0; page < variant->pages; page++) {
        uint32_t before = smp_load(&settled), found = look(page);

        /* The load of 'found' is done before the second one of 'settled'. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (before % 2 == 0 && smp_load(&settled) == before &&
            found != word_of(before) &&
            (!variant->one || me == named || me == 0))
            smp_fail("%s: CPU %u uses a translation of before the flush, page "
                     "%u: 0x%x instead of 0x%x",
                     variant->name, me, page, found, word_of(before));
    }
    smp_store(&passes[me].value, passes[me].value + 1);
}

static void flush(const struct pvops_cpus *cpus)
{
    uintptr_t root = pvops_mmu_read_cr3();

    switch (variant->way) {
    case RANGE:
        pvops_smp_flush_range(cpus, root, BASE, variant->pages);
        break;
    case SPACE:
        pvops_smp_flush_space(cpus, root);
        break;
    case ALL:
        pvops_smp_flush_all(cpus);
        break;
    }
}

static void map_all(void)
{
    struct pvops_cpus set = pvops_smp_online();
    uint32_t word = word_of(settled + 2);
    pvops_pte value = 0;

    if (word)
        value = (pvops_pte)layout_paddr(word == WORD_A ? page_a : page_b) |
                PRESENT | (variant->global ? GLOBAL : 0);
    if (variant->one) {
        set = (struct pvops_cpus){ { 0 } };
        pvops_cpus_add(&set, 0);
        pvops_cpus_add(&set, named);
    }
    smp_store(&settled, settled + 1);
    /* A batch is done when the flush is, even if it is not over. */
    pvops_mmu_begin_batch();
    for (unsigned page = 0; page < variant->pages; page++)
        pvops_mmu_write_entry(paging_entry(BASE + (uintptr_t)page * PAGE_BYTES),
                              value);
    flush(variant->set ? &set : NULL);
    smp_store(&settled, settled + 1);
    pvops_mmu_end_batch();
}

/* Each reader has been through all pages since, so that its TLB has them. */
static void let_them_read(void)
{
    uint32_t seen[SMP_MOST];

    for (unsigned i = 1; i < smp_cpus(); i++)
        seen[i] = smp_load(&passes[i].value);
    for (unsigned i = 1; i < smp_cpus(); i++)
        SMP_WAIT(smp_load(&passes[i].value) - seen[i] >= 2,
                 "a CPU does not read any more");
}

static void change_and_read(unsigned me)
{
    enum { LEAST = 4, NS = 40000000 };
    struct smp_times times = smp_times("smp-flushes", 200, 200);

    smp_meet();
    if (me) {
        if (!variant->off)
            pvops_irq_enable();
        while (!smp_load(&over)) {
            read_all(me);
            if (variant->off)
                pvops_smp_poll();
        }
        pvops_irq_disable();
    } else {
        uint64_t start = pvops_time_now_ns();
        unsigned i;

        for (i = 0; i < times.most && !smp_failed(); i++) {
            let_them_read();
            map_all();
            read_all(me);
            if (times.brief && i >= LEAST && pvops_time_now_ns() - start > NS)
                break;
        }
        let_them_read();
        log_line("smp: %s: %u flushes", variant->name, i);
        smp_store(&over, 1);
    }
    smp_meet();
}

static void run(const struct variant *which)
{
    variant = which;
    settled = over = 0;
    for (unsigned page = 0; page < variant->pages; page++)
        pvops_mmu_write_entry(paging_entry(BASE + (uintptr_t)page * PAGE_BYTES),
                              (pvops_pte)layout_paddr(page_a) | PRESENT |
                                  (variant->global ? GLOBAL : 0));
    smp_together(change_and_read);
    for (unsigned page = 0; page < variant->pages; page++)
        pvops_mmu_write_entry(paging_entry(BASE + (uintptr_t)page * PAGE_BYTES),
                              0);
    pvops_smp_flush_all(NULL);
}

/*
 * CPU 0 exchanges pages, or takes them out; once its flush has come back, a
 * reader that still finds the page of before has an old translation.
 *
 * Damage:  smp_flush.c: the answer without the flush, or without the range's
 *          last page; CPU 3 is not asked, of four; the next CPU is asked in its
 *          place; flush_space() of this CPU alone.
 */
static void flushed(void)
{
    if (smp_is_one())
        return;
    page_a = page_alloc();
    page_b = page_alloc();
    CHECK(page_a && page_b, "no page is left");
    *(uint32_t *)(void *)page_a = WORD_A;
    *(uint32_t *)(void *)page_b = WORD_B;
    paging_prepare(BASE, MANY * PAGE_BYTES);
    for (unsigned i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        if (variants[i].global && !(pvops_caps() & PVOPS_CAP_LARGE_PAGES))
            continue;
        for (named = 1; named < (variants[i].one ? smp_cpus() : 2); named++)
            run(&variants[i]);
    }
    page_free(page_a);
    page_free(page_b);
    smp_judge();
}
const struct check check_smp_flush = { "smp-flush-is-seen", flushed };

static void flush_each_other(unsigned me)
{
    struct smp_times times = smp_times("smp-crossed", 200, 2000);
    uintptr_t root = pvops_mmu_read_cr3();

    smp_meet();
    for (unsigned i = 0; smp_more(&times, i); i++) {
        switch ((i + me) % 3) {
        case 0:
            pvops_smp_flush_all(NULL);
            break;
        case 1:
            pvops_smp_flush_range(NULL, root, BASE, 1 + i % MANY);
            break;
        default:
            pvops_smp_flush_space(NULL, root);
        }
    }
    smp_meet();
}

/*
 * All at once ask all for a flush, with interrupts off, and nobody waits for
 * ever.
 *
 * Damage:  smp_flush.c: who waits does not serve (pvops_smp_poll() left out).
 */
static void crossed(void)
{
    if (smp_is_one())
        return;
    smp_together(flush_each_other);
    smp_judge();
}
const struct check check_smp_crossed = { "smp-flushes-cross", crossed };
