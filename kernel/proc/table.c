/* SPDX-License-Identifier: MIT */
/*
 * The table of processes, and what each has of the kernel's memory.
 *
 * The struct, kernel stack and XSAVE area of a finished one are kept for the
 * next: a fork then maps nothing of the kernel's.
 */
#include "core/heap.h"
#include "proc/kstack.h"
#include "proc/process.h"
#include "proc/switch.h"
#include "proc/xstate.h"

enum { MOST_PID = 32768 };

static struct process *table[PROCESS_MOST];
static unsigned count;
static int last_pid;
static bool pids_came_round;
static struct process *unused; /* by 'next' */

struct process *process_find(int pid)
{
    for (size_t i = 0; i < PROCESS_MOST; i++) {
        if (table[i] && table[i]->pid == pid)
            return table[i];
    }
    return NULL;
}

unsigned process_count(void)
{
    return count;
}

void process_each(void (*call)(struct process *process, unsigned argument),
                  unsigned argument)
{
    for (size_t i = 0; i < PROCESS_MOST; i++) {
        if (table[i])
            call(table[i], argument);
    }
}

static int new_pid(void)
{
    do {
        if (++last_pid > MOST_PID) {
            last_pid = 2;
            pids_came_round = true;
        }
    } while (pids_came_round && process_find(last_pid));
    return last_pid;
}

static void free_parts(struct process *process)
{
    kstack_free(process->stack_top);
    xstate_free(process->xstate);
    heap_free(process);
}

static struct process *make(void)
{
    struct process *process = heap_alloc(sizeof(*process));

    if (!process)
        return NULL;
    process->stack_top = kstack_alloc();
    process->xstate = xstate_alloc();
    if (process->stack_top && process->xstate)
        return process;
    free_parts(process);
    return NULL;
}

static struct process *take(void)
{
    struct process *process = unused;

    if (!process)
        return make();
    unused = process->next;
    return process;
}

/* In turn, so that a free one is found at once. */
static unsigned free_slot(void)
{
    static unsigned last;

    for (unsigned i = 0; i < PROCESS_MOST; i++) {
        last = (last + 1) % PROCESS_MOST;
        if (!table[last])
            return last;
    }
    return PROCESS_MOST;
}

struct process *process_new(const struct trap_frame *frame)
{
    unsigned slot = free_slot();
    struct process *process = slot < PROCESS_MOST ? take() : NULL;

    if (!process)
        return NULL;
    *process = (struct process){
        .pid = new_pid(),
        .slot = slot,
        .stack_top = process->stack_top,
        .xstate = process->xstate,
        .saved_sp = switch_prepare(process->stack_top, frame),
    };
    table[slot] = process;
    count++;
    return process;
}

void process_release(struct process *process)
{
    table[process->slot] = NULL;
    count--;
    process->next = unused;
    unused = process;
}

void process_drop_cache(void)
{
    while (unused) {
        struct process *process = unused;

        unused = process->next;
        free_parts(process);
    }
}
