/* SPDX-License-Identifier: MIT */
/*
 * Who has which CPU: round robin, and who waits for what.
 */
#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/trap.h"
#include "core/cpus.h"
#include "core/deadline.h"
#include "core/idle.h"
#include "proc/lock.h"
#include "proc/process.h"
#include "proc/switch.h"
#include "proc/xstate.h"

enum { SLICE_NS = 10000000 };

struct pvops_lock kernel_lock;

static struct process *ready_first, *ready_last;
static unsigned idle_cpus; /* a bit each: it sleeps, and nobody has woken it */
static bool over;          /* process_stop() was called */

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

/* One that is idle looks at the list; it may find it empty. */
static void wake_cpu(void)
{
    unsigned cpu = (unsigned)__builtin_ctz(idle_cpus);

    idle_cpus &= idle_cpus - 1;
    if (cpu != this_cpu()->index)
        pvops_smp_send_ipi(cpu, IPI_WAKE);
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

/* It sleeps on the list of the CPU that it had. */
static void leave_sleepers(struct process *process)
{
    struct process **link;

    if (!process->wake_ns)
        return;
    link = &cpu_at(process->sleeps_at)->sleepers;
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

/* Its CPU enters the kernel, and looks at what it shall do. */
static void interrupt(const struct process *process)
{
    for (unsigned i = 0; i < CPU_MOST; i++) {
        if (i != this_cpu()->index && cpu_at(i)->process == process)
            pvops_smp_send_ipi(i, IPI_WAKE);
    }
}

void process_end(struct process *process, unsigned signal)
{
    process->killed_by = signal;
    if (process->state == PROCESS_RUNNING)
        interrupt(process);
    else
        process_wake(process);
}

void process_wake_all(struct wait_list *list)
{
    while (list->first)
        process_wake(list->first);
}

/* In the deadline's interrupt, without the lock: whoever has it looks. */
static uint64_t deadline(uint64_t at_ns)
{
    (void)at_ns;
    this_cpu()->timer_came = true;
    return 0;
}

/* For the end of this CPU's slice, or its first sleeper's time. */
static void set_deadline(void)
{
    const struct percpu *cpu = this_cpu();
    uint64_t next = cpu->slice_end_ns ? cpu->slice_end_ns : UINT64_MAX;

    for (const struct process *process = cpu->sleepers; process;
         process = process->sleep_next) {
        if (process->wake_ns < next)
            next = process->wake_ns;
    }
    if (next != UINT64_MAX)
        deadline_set(next, deadline);
}

/* Wakes sleepers; whether the slice is over. */
static bool look_at_time(void)
{
    struct percpu *cpu = this_cpu();
    uint64_t now = pvops_time_now_ns();
    struct process *process = cpu->sleepers;
    bool slice_over = cpu->slice_end_ns <= now;

    cpu->timer_came = false;
    while (process) {
        struct process *after = process->sleep_next;

        if (process->wake_ns <= now)
            process_wake(process);
        process = after;
    }
    if (slice_over)
        cpu->slice_end_ns = cpu->process ? now + SLICE_NS : 0;
    set_deadline();
    return slice_over;
}

/*
 * A program changes the base by arch_prctl() alone, or by loading a selector,
 * which makes it 0, and which the next shall not have.
 */
static void take_fs(const struct process *next)
{
    struct percpu *cpu = this_cpu();

    cpu_clear_user_selectors();
    if (cpu->fs_base || next->fs_base)
        pvops_cpu_set_fs_base(next->fs_base);
    cpu->fs_base = next->fs_base;
}

void process_set_fs_base(uint64_t base)
{
    process_current()->fs_base = base;
    this_cpu()->fs_base = base;
    pvops_cpu_set_fs_base(base);
}

/* From what this CPU had before to what 'next' has. */
static void take_cpu(struct process *next)
{
    struct percpu *cpu = this_cpu();

    pvops_mmu_begin_batch();
    cpu_set_kernel_stack(next->stack_top);
    space_activate(next->space);
    pvops_mmu_end_batch();
    xstate_restore(next->xstate);
    take_fs(next);
    next->state = PROCESS_RUNNING;
    cpu->process = next;
    if (!cpu->slice_end_ns) {
        cpu->slice_end_ns = pvops_time_now_ns() + SLICE_NS;
        set_deadline();
    }
}

static struct process *take_ready(void)
{
    struct process *next = ready_first;

    if (next)
        ready_first = next->next;
    return next;
}

/*
 * The state of the current one says what becomes of it. Another CPU may take it
 * as soon as the lock is free, which is when this one has left its stack: what
 * comes back here may be on another CPU.
 */
static void schedule(void)
{
    struct process *previous = process_current();
    struct process *next = take_ready();
    uintptr_t to;

    if (next == previous) {
        next->state = PROCESS_RUNNING;
        return;
    }
    xstate_save(previous->xstate);
    if (next) {
        take_cpu(next);
        to = next->saved_sp;
    } else {
        space_activate(NULL);
        this_cpu()->process = NULL;
        to = this_cpu()->idle_sp;
    }
    switch_stacks(&previous->saved_sp, to);
}

void process_yield(void)
{
    if (!ready_first)
        return;
    process_make_ready(process_current());
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
    enter_list(process_current(), list);
    schedule();
}

bool process_wait(struct wait_list *list, uint64_t wake_ns)
{
    struct process *process = process_current();
    struct percpu *cpu = this_cpu();

    if (process->killed_by)
        return false;
    enter_list(process, list);
    if (wake_ns) {
        process->wake_ns = wake_ns;
        process->sleeps_at = cpu->index;
        process->sleep_next = cpu->sleepers;
        cpu->sleepers = process;
        set_deadline();
    }
    schedule();
    return !process->killed_by;
}

/* Other CPUs that wait for the kernel have their turn, too. */
bool process_give_way(void)
{
    kernel_leave();
    kernel_enter();
    if (pvops_time_now_ns() >= this_cpu()->slice_end_ns && look_at_time())
        process_yield();
    return !process_current()->killed_by;
}

void process_before_user(void)
{
    if (this_cpu()->timer_came && look_at_time())
        process_yield();
    if (process_current()->killed_by)
        process_exit(process_current()->killed_by);
    if (idle_cpus && ready_first)
        wake_cpu();
    kernel_leave();
}

void process_leave(void)
{
    schedule();
    __builtin_unreachable();
}

/*
 * Until somebody has something for this CPU. An interrupt that came since the
 * lock is free ends the wait: none is let in before.
 */
static void rest(void)
{
    unsigned bit = 1u << this_cpu()->index;

    idle_cpus |= bit;
    kernel_leave();
    idle_halt();
    kernel_enter();
    idle_cpus &= ~bit;
    if (this_cpu()->timer_came)
        look_at_time();
}

/* What a CPU does while there are programs, on its own stack. */
static void run_programs(void *unused)
{
    struct percpu *cpu = this_cpu();

    (void)unused;
    kernel_enter();
    while (!over) {
        struct process *next = take_ready();

        if (next) {
            take_cpu(next);
            switch_stacks(&cpu->idle_sp, next->saved_sp);
        } else {
            rest();
        }
    }
    cpu->slice_end_ns = 0;
    cpu->timer_came = false;
    deadline_cancel();
    kernel_leave();
}

void process_run(struct process *init)
{
    over = false;
    process_make_ready(init);
    for (unsigned i = 1; i < CPU_MOST; i++) {
        if (cpus_runs(i))
            cpus_begin(i, run_programs, NULL);
    }
    run_programs(NULL);
    for (unsigned i = 1; i < CPU_MOST; i++)
        cpus_wait(i);
}

void process_stop(void)
{
    over = true;
    while (idle_cpus)
        wake_cpu();
    process_current()->state = PROCESS_ZOMBIE;
    process_leave();
}
