/* SPDX-License-Identifier: MIT */
/*
 * Time on several CPUs: clocks that do not step back from one to another,
 * deadlines that arrive on each, stolen time that can be.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/deadline.h"
#include "core/idle.h"
#include "core/log.h"

enum { NS_PER_MS = 1000000 };

/*
 * The word that is passed round: whose turn it is, counted on. All else is
 * written by who has the turn.
 */
static uint32_t turn;
static volatile uint64_t last_ns, most_back_ns, least_ns;
static struct smp_times times;
static volatile uint32_t turns;    /* 0: CPU 0 has not said when it ends */
static uint32_t resting[SMP_MOST]; /* has to be woken when its turn comes */

static void pass_on(unsigned to)
{
    __atomic_add_fetch(&turn, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&resting[to], __ATOMIC_SEQ_CST))
        pvops_smp_send_ipi(to, IPI_CHECK);
}

/* Seldom a PAUSE: where it is an exit, it is longer than a hand-over. */
static void wait_for_turn(unsigned me, uint32_t mine)
{
    enum { SPINS = 2000, PAUSE_EACH = 128 };

    for (unsigned i = 0; i < SPINS; i++) {
        if (smp_load(&turn) == mine)
            return;
        if (i % PAUSE_EACH == PAUSE_EACH - 1)
            x86_pause();
    }
    __atomic_store_n(&resting[me], 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != mine) {
        idle_halt();
    }
    __atomic_store_n(&resting[me], 0, __ATOMIC_SEQ_CST);
}

static void hand_over(unsigned me)
{
    unsigned next = (me + 1) % smp_cpus();
    uint64_t own_ns = 0;

    smp_meet();
    for (uint32_t mine = me;; mine += smp_cpus()) {
        uint64_t now;

        wait_for_turn(me, mine);
        if (!me && !turns && !smp_more(&times, mine))
            turns = mine;
        if (turns) {
            pass_on(next);
            break;
        }
        now = pvops_time_now_ns();
        if (now < own_ns)
            smp_fail("CPU %u: its own clock went back by %llu ns", me,
                     (unsigned long long)(own_ns - now));
        if (now < last_ns && last_ns - now > most_back_ns)
            most_back_ns = last_ns - now;
        if (now >= last_ns && now - last_ns < least_ns)
            least_ns = now - last_ns;
        own_ns = last_ns = now;
        pass_on(next);
    }
    smp_meet();
}

/*
 * The clock is read on each CPU in turn: it never goes back, from one to the
 * next neither if that is promised; if it is not, the line says how far. A CPU
 * that is ahead of another by more than the fastest hand-over takes is seen.
 *
 * Damage:  clock.c: CPU 1 is ahead by 1 us, where the clock is said to be one.
 */
static void clock_in_turn(void)
{
    bool global = pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL;

    if (smp_is_one())
        return;
    times = smp_times("smp-turns", 4000, 1000000);
    turn = turns = 0;
    last_ns = most_back_ns = 0;
    least_ns = UINT64_MAX;
    smp_together(hand_over);
    log_line("smp: %u hand-overs of a clock that is %s, in %llu ns or more; "
             "most back: %llu ns",
             turns, global ? "one" : "each CPU's own",
             (unsigned long long)least_ns, (unsigned long long)most_back_ns);
    if (global && most_back_ns)
        smp_fail("it stepped back by %llu ns, and is said to be one",
                 (unsigned long long)most_back_ns);
    smp_judge();
}
const struct check check_smp_clock = { "smp-clock-in-turn", clock_in_turn };

static volatile uint64_t came_ns[SMP_MOST];

static uint64_t note(uint64_t at_ns)
{
    (void)at_ns;
    came_ns[this_cpu()->index] = pvops_time_now_ns();
    return 0;
}

/* Different ones on each CPU, all at the same time. */
static void own_deadlines(unsigned me)
{
    enum { ROUNDS = 6, LATE_MS = 1000 };
    const uint64_t patience_ns = 3 * (uint64_t)LATE_MS * NS_PER_MS;

    smp_meet();
    for (unsigned i = 0; i < ROUNDS && !smp_failed(); i++) {
        uint64_t set_ns = pvops_time_now_ns();
        uint64_t at_ns = set_ns + (uint64_t)(5 + 3 * me + i) * NS_PER_MS;

        came_ns[me] = 0;
        deadline_set(at_ns, note);
        if (i % 2) {
            while (!came_ns[me])
                idle_halt();
        } else {
            pvops_irq_enable();
            while (!came_ns[me] && pvops_time_now_ns() < at_ns + patience_ns)
                x86_pause();
        }
        pvops_irq_disable();
        if (!came_ns[me])
            smp_fail("CPU %u: deadline %u does not arrive", me, i);
        else if (came_ns[me] < at_ns)
            smp_fail("CPU %u: its deadline came %llu ns early", me,
                     (unsigned long long)(at_ns - came_ns[me]));
        else if (came_ns[me] - at_ns > (uint64_t)LATE_MS * NS_PER_MS)
            smp_fail("CPU %u: its deadline came over %u ms late", me, LATE_MS);
    }
    smp_meet();
}

/*
 * A VCPU that is not run is late without anybody's fault, so a second is given.
 *
 * Damage:  lapic.c: the timer of CPU 0 alone is started; CPU 0's deadline_ns is
 *          set by each.
 */
static void deadlines(void)
{
    if (smp_is_one())
        return;
    smp_together(own_deadlines);
    smp_judge();
}
const struct check check_smp_deadlines = { "smp-deadline-on-each", deadlines };

static uint64_t stolen_ns[SMP_MOST];

static void look_at_stolen(unsigned me)
{
    enum { NS = 40 * NS_PER_MS };
    uint64_t from_ns = pvops_time_now_ns(), stolen = pvops_time_stolen_ns();
    uint64_t first = stolen, now_ns;

    smp_meet();
    do {
        uint64_t now = pvops_time_stolen_ns();

        now_ns = pvops_time_now_ns();
        if (now < stolen)
            smp_fail("CPU %u: stolen time went back by %llu ns", me,
                     (unsigned long long)(stolen - now));
        stolen = now;
        if (pvops_smp_is_preempted(me))
            smp_fail("CPU %u runs, and is said not to", me);
    } while (now_ns - from_ns < NS && !smp_failed());
    stolen_ns[me] = stolen - first;
    if (stolen_ns[me] > now_ns - from_ns + NS_PER_MS)
        smp_fail("CPU %u: %llu ns of %llu were stolen", me,
                 (unsigned long long)stolen_ns[me],
                 (unsigned long long)(now_ns - from_ns));
    smp_meet();
}

/*
 * Stolen time never goes back and is no more than time; a CPU that asks about
 * itself runs.
 *
 * Damage:  smp.c: is_preempted() always true.
 */
static void stolen(void)
{
    if (smp_is_one())
        return;
    smp_together(look_at_stolen);
    for (unsigned i = 0; i < smp_cpus(); i++)
        log_line("smp: CPU %u: %llu us stolen of 40 ms", i,
                 (unsigned long long)(stolen_ns[i] >> 10));
    smp_judge();
}
const struct check check_smp_stolen = { "smp-stolen-and-preempted", stolen };
