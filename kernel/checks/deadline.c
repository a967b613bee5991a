/* SPDX-License-Identifier: MIT */
/*
 * Deadlines and ticks: they arrive, never early, and late within bounds.
 *
 * The bounds are those of a machine that others use as well: of 16 deadlines
 * the best four are at most 10 ms late, and the worst at most a second. A tick
 * that is built on them does not drift.
 */
#include <pvops/irq.h>
#include <pvops/time.h>

#include "checks/check.h"
#include "core/deadline.h"
#include "core/idle.h"
#include "core/divide.h"
#include "core/log.h"

enum {
    NS_PER_MS = 1000000,
    DEADLINES = 16,
    AHEAD_MS = 20,
    BEST = 4,
    BEST_MS = 10,
    WORST_MS = 1000,
    TICKS = 25,
    TICK_MS = 10,
    PATIENCE_MS = 3000,
};

static volatile bool arrived;
static volatile int64_t late_ns;

static uint64_t note(uint64_t at_ns)
{
    late_ns = (int64_t)(pvops_time_now_ns() - at_ns);
    arrived = true;
    return 0;
}

/* Busy, but for interrupts: what never arrives must not be waited for. */
static bool wait_for(volatile bool *done, uint64_t until_ns)
{
    while (!*done && pvops_time_now_ns() < until_ns) {
        pvops_irq_enable();
        check_spin_until(pvops_time_now_ns() + NS_PER_MS / 10);
        pvops_irq_disable();
    }
    return *done;
}

static void sort(int64_t *values, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        for (unsigned k = i; k && values[k] < values[k - 1]; k--) {
            int64_t other = values[k];

            values[k] = values[k - 1];
            values[k - 1] = other;
        }
    }
}

static unsigned us(int64_t ns)
{
    uint32_t rest;

    return (unsigned)divide((uint64_t)ns, 1000, &rest);
}

/*
 * Every second one is waited for in a halt, as an idle kernel does, the others
 * in a loop.
 *
 * Damage:  lapic.c, start_timer(): "2 * ticks()": 20 ms late.
 */
static void deadline(void)
{
    int64_t late[DEADLINES];

    for (unsigned i = 0; i < DEADLINES; i++) {
        uint64_t at_ns = pvops_time_now_ns() + AHEAD_MS * NS_PER_MS;

        arrived = false;
        deadline_set(at_ns, note);
        while (i % 2 && !arrived)
            idle_halt();
        CHECK(wait_for(&arrived, at_ns + (uint64_t)PATIENCE_MS * NS_PER_MS),
              "deadline %u did not arrive within %u ms", i, PATIENCE_MS);
        late[i] = late_ns;
        CHECK(late_ns >= 0, "deadline %u arrived %u us early", i, us(-late_ns));
    }
    sort(late, DEADLINES);
    log_line("deadlines: %u to %u us late, median %u us", us(late[0]),
             us(late[DEADLINES - 1]), us(late[DEADLINES / 2]));
    CHECK(late[BEST - 1] <= BEST_MS * NS_PER_MS,
          "all but %u deadlines are over %u us late", BEST - 1,
          us(late[BEST - 1]));
    CHECK(late[DEADLINES - 1] <= WORST_MS * NS_PER_MS,
          "a deadline is %u us late", us(late[DEADLINES - 1]));
    check_deadlines_work = true;
}
const struct check check_deadline = { "deadline-arrives", deadline };

/*
 * Damage:  lapic.c, pvi_native_time_cancel_deadline(): does nothing.
 */
static void deadline_cancelled(void)
{
    uint64_t start = pvops_time_now_ns();

    arrived = false;
    deadline_set(start + AHEAD_MS * NS_PER_MS, note);
    /* Not by deadline_cancel(), which would forget the handler too. */
    pvops_time_cancel_deadline();
    wait_for(&arrived, start + 3 * AHEAD_MS * NS_PER_MS);
    deadline_cancel();
    CHECK(!arrived, "a cancelled deadline arrived");
}
const struct check check_deadline_cancel = { "deadline-cancelled",
                                             deadline_cancelled };

/*
 * Damage:  lapic.c, pvi_native_time_set_deadline(): no start_timer().
 */
static void ticks(void)
{
    uint64_t start, end, least = (uint64_t)TICKS * TICK_MS * NS_PER_MS;

    start = pvops_time_now_ns();
    tick_start(TICK_MS * NS_PER_MS);
    while (tick_count < TICKS &&
           pvops_time_now_ns() < start + (uint64_t)PATIENCE_MS * NS_PER_MS) {
        if (check_deadlines_work) {
            pvops_irq_safe_halt();
        } else {
            pvops_irq_enable();
            check_spin_until(pvops_time_now_ns() + NS_PER_MS / 10);
        }
        pvops_irq_disable();
    }
    end = pvops_time_now_ns();
    tick_stop();
    CHECK(tick_count >= TICKS, "%u ticks arrived instead of %u", tick_count,
          TICKS);
    CHECK(end - start >= least, "%u ticks of %u ms took %u us", TICKS, TICK_MS,
          us((int64_t)(end - start)));
    CHECK(end - start <= least + (uint64_t)WORST_MS * NS_PER_MS,
          "%u ticks of %u ms took %u us", TICKS, TICK_MS,
          us((int64_t)(end - start)));
}
const struct check check_tick = { "tick-arrives", ticks };
