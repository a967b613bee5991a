/* SPDX-License-Identifier: MIT */
/*
 * Each CPU's deadline, and the tick.
 *
 * libpvops has one-shot deadlines only. A tick sets the next one from the time
 * at which this one was due, not from now: so it does not drift.
 */
#include "core/deadline.h"

#include <pvops/time.h>

#include "arch/cpu.h"
#include "arch/trap.h"

static uint64_t tick_ns;

volatile unsigned tick_count;

void deadline_set(uint64_t at_ns, uint64_t (*handler)(uint64_t at_ns))
{
    struct percpu *cpu = this_cpu();

    cpu->deadline_handler = handler;
    cpu->deadline_due_ns = at_ns;
    pvops_time_set_deadline(at_ns);
}

void deadline_cancel(void)
{
    this_cpu()->deadline_handler = NULL;
    pvops_time_cancel_deadline();
}

void deadline_arrived(void)
{
    struct percpu *cpu = this_cpu();
    uint64_t (*handler)(uint64_t at_ns) = cpu->deadline_handler;
    uint64_t next_ns;

    if (!handler)
        return;
    cpu->deadline_handler = NULL;
    next_ns = handler(cpu->deadline_due_ns);
    if (next_ns)
        deadline_set(next_ns, handler);
}

static uint64_t tick(uint64_t at_ns)
{
    tick_count++;
    return at_ns + tick_ns;
}

void tick_start(uint64_t period_ns)
{
    tick_ns = period_ns;
    tick_count = 0;
    deadline_set(pvops_time_now_ns() + period_ns, tick);
}

void tick_stop(void)
{
    deadline_cancel();
}
