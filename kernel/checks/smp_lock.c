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

static struct guarded outer, inner, queued;
static struct smp_word had[SMP_MOST];
static uint32_t over;

/* How many CPUs have the lock or wait for it. */
static unsigned drawn(const struct guarded *what)
{
    uint32_t word = __atomic_load_n(&what->lock.value.word, __ATOMIC_ACQUIRE);

    return (uint16_t)((word >> 16 & 0xfffe) - (uint16_t)word) / 2;
}

/*
 * With the lock held. Tickets count by 2 and each turn is one ticket's: their
 * number says that nobody was passed over; and no more are drawn than there are
 * CPUs, so that each waits for at most all the others.
 */
static void turn(struct guarded *what, unsigned me)
{
    uint16_t head =
        __atomic_load_n(&what->lock.value.ticket.head, __ATOMIC_RELAXED);
    unsigned at_once = drawn(what);

    if (what->holder != NOBODY)
        smp_fail("CPU %u has the lock, and so has CPU %u", me, what->holder);
    what->holder = me;
    if (head != (uint16_t)(2 * what->turns))
        smp_fail("CPU %u has turn %u with ticket %u", me, what->turns, head);
    if (at_once < 1 || at_once > smp_cpus())
        smp_fail("%u CPUs hold and wait for the lock", at_once);
    if (at_once - 1 > what->most_ahead)
        what->most_ahead = at_once - 1;
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
    struct smp_times times = smp_times("smp-locks", LEAST, 2000);
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
    outer = inner = queued = (struct guarded){ .holder = NOBODY };
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

/* What the one that has the lock lets each of the others do: ask for it. */
static uint32_t invited;
static unsigned order[SMP_MOST], got;

static void queue(unsigned me)
{
    pvops_lock_acquire(&queued.lock);
    turn(&queued, me);
    order[got++] = me;
    pvops_lock_release(&queued.lock);
}

static bool queues(unsigned count)
{
    enum { PATIENCE_NS = 2000000000 };
    uint64_t until_ns = pvops_time_now_ns() + PATIENCE_NS;

    while (drawn(&queued) != count) {
        if (pvops_time_now_ns() > until_ns)
            return false;
        pvops_smp_poll();
        x86_pause();
    }
    return true;
}

/* The first lets the others ask, one behind the other, and asks again. */
static void let_in(unsigned me, unsigned round)
{
    enum { SLEEP_NS = 2000000 };
    unsigned cpus = smp_cpus();

    pvops_lock_acquire(&queued.lock);
    turn(&queued, me);
    got = 0;
    for (unsigned i = 1; i < cpus; i++) {
        smp_store(&invited, round * cpus + i);
        if (!queues(i + 1))
            smp_fail("CPU %u asks for the lock, and %u of %u are known to hold "
                     "it or wait",
                     (me + i) % cpus, drawn(&queued), i + 1);
    }
    /* Long enough for them to sleep, if they do. */
    if (round % 2)
        check_spin_until(pvops_time_now_ns() + SLEEP_NS);
    pvops_lock_release(&queued.lock);
    queue(me);
}

static void in_order(unsigned me)
{
    unsigned cpus = smp_cpus();

    for (unsigned round = 0; round <= cpus; round++) {
        unsigned first = round % cpus, mine = (me + cpus - first) % cpus;

        smp_meet();
        if (smp_failed())
            break;
        if (mine) {
            SMP_WAIT(smp_load(&invited) >= round * cpus + mine,
                     "it may not ask for the lock");
            queue(me);
        } else {
            let_in(me, round);
        }
        smp_meet();
        for (unsigned i = 0; !mine && i < cpus; i++) {
            if (order[i] != (first + 1 + i) % cpus)
                smp_fail("CPU %u asked for the lock as number %u, then CPU %u "
                         "had it",
                         (first + 1 + i) % cpus, i + 1, order[i]);
        }
    }
    smp_meet();
}

/*
 * First in the order of asking, each CPU once as the holder; then as fast as
 * they can.
 *
 * Damage:  lock.h: acquire() that does not look whose turn it is, or that tries
 *          until the lock is free. lock.c: a turn early, or up to two; who
 *          waits does no flush.
 */
static void lock(void)
{
    if (smp_is_one())
        return;
    prepare();
    invited = 0;
    smp_together(in_order);
    smp_together(compete);
    tell();
    smp_judge();
}
const struct check check_smp_lock = { "smp-lock-in-turn", lock };

static unsigned from_handlers; /* turns; the inner lock guards it */

/* In the handler: a lock that the code below it takes with interrupts off. */
static void take_inner(unsigned me)
{
    pvops_lock_acquire(&inner.lock);
    turn(&inner, me);
    from_handlers++;
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
 * Damage:  the same; arch/trap.c: IPI_CHECK calls nothing.
 */
static void nested(void)
{
    if (smp_is_one())
        return;
    prepare();
    from_handlers = 0;
    smp_on_ipi(take_inner);
    smp_together(compete_nested);
    smp_on_ipi(NULL);
    tell();
    log_line("smp: lock: %u turns of the inner one, %u of handlers",
             inner.turns, from_handlers);
    if (!from_handlers)
        smp_fail("no CPU was interrupted");
    smp_judge();
}
const struct check check_smp_nested = { "smp-lock-in-interrupts", nested };
