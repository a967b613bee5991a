/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks: one holder at a time, in the order of asking, and all get their
 * turn, though there be fewer processors than CPUs.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "arch/layout.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/log.h"

enum { NOBODY = UINT32_MAX >> 1 };

/* What the lock guards: plain memory, so that two at once would be seen. */
struct guarded {
    struct pvops_lock lock;
    volatile uint32_t holder;
    volatile uint32_t turns;
    volatile uint32_t most_ahead;
} __attribute__((aligned(SMP_LINE)));

static struct guarded outer, inner;
static struct smp_word had[SMP_MOST];
static uint32_t over;

/*
 * With the lock held. Tickets count by 2 and each turn is one ticket's: their
 * number says that nobody was passed over; and no more are drawn than there are
 * CPUs, so that each waits for at most all the others.
 */
static void turn(struct guarded *what, unsigned me)
{
    uint32_t word = __atomic_load_n(&what->lock.value.word, __ATOMIC_RELAXED);
    uint16_t head = (uint16_t)word;
    uint16_t drawn = (uint16_t)((uint16_t)((word >> 16 & 0xfffe) - head) / 2);

    if (what->holder != NOBODY)
        smp_fail("CPU %u has the lock, and so has CPU %u", me, what->holder);
    what->holder = me;
    if (head != (uint16_t)(2 * what->turns))
        smp_fail("CPU %u has turn %u with ticket %u", me, what->turns, head);
    if (drawn < 1 || drawn > smp_cpus())
        smp_fail("%u CPUs hold and wait for the lock", drawn);
    if (drawn - 1u > what->most_ahead)
        what->most_ahead = drawn - 1u;
    what->turns++;
    if (what->holder != me)
        smp_fail("CPU %u came in while CPU %u had the lock", what->holder, me);
    what->holder = NOBODY;
}

static void one_turn(struct guarded *what, unsigned me, unsigned number)
{
    if (number % 16 == 15 && pvops_lock_try(&what->lock)) {
        turn(what, me);
        pvops_lock_release(&what->lock);
        return;
    }
    pvops_lock_acquire(&what->lock);
    turn(what, me);
    /* Who waits does it with interrupts off, too. */
    if (number % 64 == 37)
        pvops_smp_flush_range(NULL, pvops_mmu_read_cr3(), LAYOUT_SCRATCH, 1);
    pvops_lock_release(&what->lock);
}

enum { LEAST = 8, NS = 200000000 };

/* A quarter, in no step with what the others do. */
static bool keeps_off(unsigned number)
{
    return number * UINT32_C(2654435761) >> 30 == 0;
}

static bool all_had(unsigned least)
{
    for (unsigned i = 0; i < smp_cpus(); i++) {
        if (smp_load(&had[i].value) < least)
            return false;
    }
    return true;
}

/*
 * Interrupts off in a quarter of the turns, on in the others, until time is
 * over and each has had some.
 */
static void compete(unsigned me)
{
    struct smp_times times = smp_times("smp-locks", LEAST, 100000);
    uint64_t start;

    smp_meet();
    start = pvops_time_now_ns();
    for (unsigned i = 0; !smp_load(&over) && !smp_failed(); i++) {
        if (!keeps_off(i))
            pvops_irq_enable();
        one_turn(&outer, me, i);
        pvops_irq_disable();
        smp_store(&had[me].value, had[me].value + 1);
        if (!me && i % 16 == 0 && all_had(times.most) &&
            (!times.brief || pvops_time_now_ns() - start > NS))
            smp_store(&over, 1);
    }
    smp_meet();
}

static void prepare(void)
{
    outer = inner = (struct guarded){ .holder = NOBODY };
    over = 0;
    for (unsigned i = 0; i < SMP_MOST; i++)
        had[i].value = 0;
}

static void tell(void)
{
    uint32_t least = UINT32_MAX, all = 0;

    for (unsigned i = 0; i < smp_cpus(); i++) {
        all += had[i].value;
        if (had[i].value < least)
            least = had[i].value;
    }
    log_line("smp: lock: %u turns of %u CPUs, each at least %u; at most %u "
             "others ahead",
             all, smp_cpus(), least, outer.most_ahead);
    if (outer.turns != all)
        smp_fail("%u turns were had, and %u counted", all, outer.turns);
}

/*
 * Damage:  lock.h: acquire() that does not look whose turn it is.
 */
static void lock(void)
{
    if (smp_is_one())
        return;
    prepare();
    smp_together(compete);
    tell();
    smp_judge();
}
const struct check check_smp_lock = { "smp-lock-in-turn", lock };

/* In the handler: a lock that the code below it takes with interrupts off. */
static void take_inner(unsigned me)
{
    pvops_lock_acquire(&inner.lock);
    turn(&inner, me);
    pvops_lock_release(&inner.lock);
}

static void compete_nested(unsigned me)
{
    unsigned next = (me + 1) % smp_cpus();
    uint64_t start;

    smp_meet();
    start = pvops_time_now_ns();
    for (unsigned i = 0; !smp_load(&over) && !smp_failed(); i++) {
        pvops_irq_enable();
        if (i % 4 == 0)
            pvops_smp_send_ipi(next, IPI_CHECK);
        one_turn(&outer, me, i);
        pvops_irq_disable();
        if (i % 4 == 2)
            one_turn(&inner, me, i);
        smp_store(&had[me].value, had[me].value + 1);
        if (!me && i % 16 == 0 && all_had(LEAST) &&
            pvops_time_now_ns() - start > NS)
            smp_store(&over, 1);
    }
    pvops_irq_enable();
    smp_meet();
    pvops_irq_disable();
}

/*
 * The same, interrupted while it waits and while it holds, by handlers that
 * wait for another lock.
 *
 * Damage:  the same.
 */
static void nested(void)
{
    if (smp_is_one())
        return;
    prepare();
    smp_on_ipi(take_inner);
    smp_together(compete_nested);
    smp_on_ipi(NULL);
    tell();
    log_line("smp: lock: %u turns of the inner one", inner.turns);
    smp_judge();
}
const struct check check_smp_nested = { "smp-lock-in-interrupts", nested };
