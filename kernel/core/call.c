/* SPDX-License-Identifier: MIT */
/*
 * Functions that one CPU has another call: posted, IPI_CALL, awaited. A CPU has
 * room for one; who finds it taken waits.
 */
#include "core/call.h"

#include <stddef.h>

#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/trap.h"
#include "core/cpus.h"

struct call {
    void (*function)(void *argument);
    void *argument;
    bool done;
};

void call_serve(void)
{
    struct call *call =
        __atomic_exchange_n(&this_cpu()->call, NULL, __ATOMIC_ACQUIRE);

    if (!call)
        return;
    call->function(call->argument);
    __atomic_store_n(&call->done, true, __ATOMIC_RELEASE);
}

void call_pause(void)
{
    uintptr_t flags = pvops_irq_save();

    call_serve();
    pvops_smp_poll();
    pvops_irq_restore(flags);
    x86_pause();
}

static void post(struct percpu *cpu, struct call *call)
{
    struct call *none = NULL;

    while (!__atomic_compare_exchange_n(&cpu->call, &none, call, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        none = NULL;
        call_pause();
    }
    pvops_smp_send_ipi(cpu->index, IPI_CALL);
}

static void await(const struct call *call)
{
    while (!__atomic_load_n(&call->done, __ATOMIC_ACQUIRE))
        call_pause();
}

static void call_here(void (*function)(void *), void *argument)
{
    uintptr_t flags = pvops_irq_save();

    function(argument);
    pvops_irq_restore(flags);
}

void cpu_call(unsigned cpu, void (*function)(void *argument), void *argument)
{
    struct call call = { function, argument, false };

    if (cpu == this_cpu()->index) {
        call_here(function, argument);
        return;
    }
    post(cpu_at(cpu), &call);
    await(&call);
}

void cpu_call_all(void (*function)(void *argument), void *argument)
{
    unsigned here = this_cpu()->index;
    struct call calls[CPU_MOST];

    for (unsigned i = 0; i < CPU_MOST; i++) {
        calls[i] = (struct call){ function, argument, true };
        if (i == here || !cpus_runs(i))
            continue;
        calls[i].done = false;
        post(cpu_at(i), &calls[i]);
    }
    call_here(function, argument);
    for (unsigned i = 0; i < CPU_MOST; i++)
        await(&calls[i]);
}
