/* SPDX-License-Identifier: MIT */
/*
 * A CPU that has nothing to do, also where HLT may sleep through what woke it.
 */
#include "core/idle.h"

#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "core/deadline.h"
#include "core/text.h"

enum { AGAIN_NS = 5000000 };

/* Of 16 times, in ticks of the TSC, with the reading of the TSC. */
static uint64_t cheapest(bool cpuid)
{
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < 16; i++) {
        uint64_t from = x86_tsc(), ticks;

        if (cpuid)
            (void)x86_cpuid(0, 0);
        ticks = x86_tsc() - from;
        if (ticks < least)
            least = ticks;
    }
    return least;
}

/* Xen may take RDTSC for an exit: there its length says nothing. */
static bool has_exits(void)
{
    return text_equal(pvops_backend_name(), "xen_hvm") ||
           cheapest(true) > 20 * (cheapest(false) + 1);
}

bool idle_may_lose(void)
{
    static enum { UNKNOWN, MAY, NEVER } known;

    if (known == UNKNOWN)
        known = pvops_caps() & PVOPS_CAP_RING0 && has_exits() ? MAY : NEVER;
    return known == MAY;
}

/* In place of the deadline that is set, which it keeps, and again. */
static uint64_t wake(uint64_t at_ns)
{
    struct percpu *cpu = this_cpu();
    uint64_t (*handler)(uint64_t at_ns) = cpu->idle_handler;

    if (handler && at_ns >= cpu->idle_due_ns) {
        cpu->idle_due_ns = handler(cpu->idle_due_ns);
        if (!cpu->idle_due_ns)
            cpu->idle_handler = NULL;
    }
    at_ns += AGAIN_NS;
    return cpu->idle_handler && cpu->idle_due_ns < at_ns ? cpu->idle_due_ns
                                                         : at_ns;
}

static void halt_and_wake(struct percpu *cpu)
{
    uint64_t first_ns = pvops_time_now_ns() + AGAIN_NS;

    cpu->idle_handler = cpu->deadline_handler;
    cpu->idle_due_ns = cpu->deadline_due_ns;
    if (cpu->idle_handler && cpu->idle_due_ns < first_ns)
        first_ns = cpu->idle_due_ns;
    deadline_set(first_ns, wake);
    pvops_irq_safe_halt();
    pvops_irq_disable();
    if (cpu->deadline_handler != wake)
        return;
    if (cpu->idle_handler)
        deadline_set(cpu->idle_due_ns, cpu->idle_handler);
    else
        deadline_cancel();
}

void idle_halt(void)
{
    if (idle_may_lose()) {
        halt_and_wake(this_cpu());
        return;
    }
    pvops_irq_safe_halt();
    pvops_irq_disable();
}
