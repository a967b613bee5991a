/* SPDX-License-Identifier: MIT */
/*
 * Who has the CPU: round robin, and who waits for what.
 */
#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "core/deadline.h"
#include "proc/process.h"
#include "proc/switch.h"
#include "proc/xstate.h"

enum { SLICE_NS = 10000000 };

struct process *process_current;

static struct process *ready_first, *ready_last;
static struct process *sleepers; /* those with a wake_ns; by 'sleep_next' */
static uint64_t slice_end_ns;
static volatile bool slice_over;
static uintptr_t outside_sp; /* of who called process_run() */

void process_make_ready(struct process *process)
{
    process->state = PROCESS_READY;
    process->next = NULL;
    if (ready_first)
        ready_last->next = process;
    else
        ready_first = process;
    ready_last = process;
}

static void leave_list(struct process *process)
{
    struct process **link;

    if (!process->waits_on)
        return;
    link = &process->waits_on->first;
    while (*link != process)
        link = &(*link)->wait_next;
    *link = process->wait_next;
    process->waits_on = NULL;
}

static void leave_sleepers(struct process *process)
{
    struct process **link = &sleepers;

    if (!process->wake_ns)
        return;
    while (*link != process)
        link = &(*link)->sleep_next;
    *link = process->sleep_next;
    process->wake_ns = 0;
}

void process_wake(struct process *process)
{
    if (process->state != PROCESS_WAITING)
        return;
    leave_list(process);
    leave_sleepers(process);
    process_make_ready(process);
}

void process_wake_all(struct wait_list *list)
{
    while (list->first)
        process_wake(list->first);
}

/* The end of the slice, or the first sleeper's time. */
static uint64_t next_event(void)
{
    uint64_t next = slice_end_ns;

    for (struct process *process = sleepers; process;
         process = process->sleep_next) {
        if (process->wake_ns < next)
            next = process->wake_ns;
    }
    return next;
}

/* In the deadline's interrupt: of user mode, or of a kernel that is idle. */
static uint64_t deadline(uint64_t at_ns)
{
    uint64_t now = pvops_time_now_ns();
    struct process *process = sleepers;

    (void)at_ns;
    while (process) {
        struct process *after = process->sleep_next;

        if (process->wake_ns <= now)
            process_wake(process);
        process = after;
    }
    if (slice_end_ns <= now) {
        slice_over = true;
        slice_end_ns = now + SLICE_NS;
    }
    return next_event();
}

/* From what the previous one had to what 'next' has. */
static void take_cpu(struct process *next)
{
    pvops_mmu_begin_batch();
    cpu_set_kernel_stack(next->stack_top);
    space_activate(next->space);
    pvops_mmu_end_batch();
    xstate_restore(next->xstate);
    next->state = PROCESS_RUNNING;
    process_current = next;
}

/* Interrupts are off, and come only here while nobody is ready. */
static struct process *wait_for_ready(void)
{
    struct process *next;

    while (!ready_first) {
        pvops_irq_safe_halt();
        pvops_irq_disable();
    }
    next = ready_first;
    ready_first = next->next;
    return next;
}

/*
 * A program changes the base by arch_prctl() alone, or by loading a selector,
 * which makes it 0, and which the next shall not have.
 */
static void take_fs(const struct process *previous, const struct process *next)
{
    cpu_clear_user_selectors();
    if (previous->fs_base || next->fs_base)
        pvops_cpu_set_fs_base(next->fs_base);
}

/* The state of the current one says what becomes of it. */
static void schedule(void)
{
    struct process *previous = process_current;
    struct process *next = wait_for_ready();

    if (next == previous) {
        next->state = PROCESS_RUNNING;
        return;
    }
    xstate_save(previous->xstate);
    take_cpu(next);
    take_fs(previous, next);
    switch_stacks(&previous->saved_sp, next->saved_sp);
}

void process_yield(void)
{
    process_make_ready(process_current);
    schedule();
}

static void enter_list(struct process *process, struct wait_list *list)
{
    process->state = PROCESS_WAITING;
    if (list) {
        process->waits_on = list;
        process->wait_next = list->first;
        list->first = process;
    }
}

void process_wait_for(struct wait_list *list)
{
    enter_list(process_current, list);
    schedule();
}

bool process_wait(struct wait_list *list, uint64_t wake_ns)
{
    struct process *process = process_current;

    if (process->killed_by)
        return false;
    enter_list(process, list);
    if (wake_ns) {
        process->wake_ns = wake_ns;
        process->sleep_next = sleepers;
        sleepers = process;
        deadline_set(next_event(), deadline);
    }
    schedule();
    return !process->killed_by;
}

/* Interrupts are off: nobody else looks at the time. */
bool process_give_way(void)
{
    if (pvops_time_now_ns() >= slice_end_ns) {
        pvops_irq_enable();
        x86_pause(); /* STI takes effect one instruction later */
        pvops_irq_disable();
    }
    if (slice_over) {
        slice_over = false;
        if (ready_first)
            process_yield();
    }
    return !process_current->killed_by;
}

void process_before_user(void)
{
    if (slice_over) {
        slice_over = false;
        if (ready_first)
            process_yield();
    }
    if (process_current->killed_by)
        process_exit(process_current->killed_by);
}

void process_leave(void)
{
    schedule();
    __builtin_unreachable();
}

void process_run(struct process *init)
{
    slice_end_ns = pvops_time_now_ns() + SLICE_NS;
    deadline_set(slice_end_ns, deadline);
    take_cpu(init);
    switch_stacks(&outside_sp, init->saved_sp);
    deadline_cancel();
}

void process_stop(void)
{
    uintptr_t nobody;

    space_activate(NULL);
    switch_stacks(&nobody, outside_sp);
    __builtin_unreachable();
}
