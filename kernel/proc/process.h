/* SPDX-License-Identifier: MIT */
/*
 * Processes: one thread each, round robin over all CPUs, taken from a CPU by a
 * tick in user mode. The kernel itself is not preempted, runs on one CPU at a
 * time (proc/lock.h), and with interrupts off but while it waits for something
 * to do.
 */
#ifndef PVK_PROC_PROCESS_H
#define PVK_PROC_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "arch/frame.h"
#include "mm/space.h"
#include "proc/signal.h"

struct file;

enum { PROCESS_FILES = 16, PROCESS_MOST = 256 };

enum process_state {
    PROCESS_READY = 0,
    PROCESS_RUNNING,
    PROCESS_WAITING, /* in process_wait(), or process_wait_for() */
    PROCESS_ZOMBIE,  /* its status waits for the parent */
};

/* A list of processes that wait for the same thing. */
struct wait_list {
    struct process *first;
};

struct process {
    uintptr_t saved_sp; /* while another has the CPU; switch_64.S */
    int pid;
    unsigned slot; /* of the table */
    enum process_state state;
    struct process *parent;
    struct process *children; /* the newest first */
    struct process *sibling;  /* the next older child of the same parent */
    struct process *next;     /* in the list of those that are ready */

    struct space *space;
    bool space_borrowed; /* vfork(): the parent's, until exec or exit */
    uint64_t fs_base;
    void *xstate; /* XSAVE area */
    struct file *files[PROCESS_FILES];
    uintptr_t stack_top; /* of its kernel stack */

    struct wait_list children_changed;
    struct wait_list *waits_on; /* NULL: not in a list */
    struct process *wait_next;
    uint64_t wake_ns;   /* a sleeper's time; 0: none */
    unsigned sleeps_at; /* on which CPU's list it is then */
    struct process *sleep_next;
    unsigned killed_by; /* a signal that ends it before user mode */
    unsigned status;    /* as wait4() gives it */
    struct signals signals;
};

/* The one that has this CPU. Context: a system call or trap of user mode. */
static inline struct process *process_current(void)
{
    return this_cpu()->process;
}

/*
 * table.c: a new process, on no list, with a kernel stack on which 'frame' lies
 * at the top and leads to user mode; NULL: no memory. And a finished one's end.
 */
struct process *process_new(const struct trap_frame *frame);
void process_release(struct process *process);
struct process *process_find(int pid);
/* For each that there is; the callback may end none. */
void process_each(void (*call)(struct process *process, unsigned argument),
                  unsigned argument);
unsigned process_count(void);
/* What finished ones left to be used again goes back. */
void process_drop_cache(void);

/* sched.c */

/*
 * To the end of the ready list. A CPU that is idle is told when this one goes
 * back to user mode: it may be about to wait, and then takes it itself.
 */
void process_make_ready(struct process *process);

/* Give the CPU to the next that is ready; this one stays ready. */
void process_yield(void);

/* FS.base of the current one. */
void process_set_fs_base(uint64_t base);

/*
 * Sleep in 'list' (or NULL) until it is woken, or until 'wake_ns' (0: for
 * ever); false if it is to be ended. The caller tests its condition again.
 */
bool process_wait(struct wait_list *list, uint64_t wake_ns);
/* Until it is woken, even if it is to be ended: for what must be waited for. */
void process_wait_for(struct wait_list *list);
void process_wake_all(struct wait_list *list);
/* Wherever it waits. */
void process_wake(struct process *process);
/*
 * By this signal, before it is in user mode again: it is woken, or interrupted
 * where it runs.
 */
void process_end(struct process *process, unsigned signal);

/*
 * In a long system call: let the others run if its time is over. False if it is
 * to be ended.
 */
bool process_give_way(void);

/*
 * Before a return to user mode: a tick that came, a signal that waits. Gives up
 * the kernel's lock.
 */
void process_before_user(void);

/* The current one is a zombie: never comes back. */
__attribute__((noreturn)) void process_leave(void);

/*
 * Run 'init' and its children on every CPU; comes back when process_stop() was
 * called, and no CPU is with any of them. Context: the boot CPU, interrupts
 * off.
 */
void process_run(struct process *init);
/* The current one is the last. */
__attribute__((noreturn)) void process_stop(void);

/* The calls of fork.c, exec.c, exit.c, kill.c: errors are -ERRNO. */
long process_fork(const struct trap_frame *frame, bool vfork);
long process_execve(struct trap_frame *frame, uint64_t path, uint64_t argv,
                    uint64_t envp);
long process_wait4(long pid, uint64_t status, long options, uint64_t rusage);
long process_kill(long pid, long signal);
/* Init too: Linux ends it for a fault or a broken pipe of its own. */
void process_kill_self(unsigned signal);
__attribute__((noreturn)) void process_exit(unsigned status);

/*
 * A trap of user mode that cannot be served: if no handler takes it, one line
 * with the reason (which access, where, by which pid), then the end of it.
 * 'signal' is Linux's number, 'address' that of a page fault.
 */
void process_fault(struct trap_frame *frame, unsigned signal, uint64_t address);

/*
 * Start 'path' from the initrd as process 1 and run until it has ended;
 * returns its status as wait4() gives it, or -ERRNO if it did not start.
 * Context: after pvops_seal().
 */
long process_run_init(const char *path);

#endif /* PVK_PROC_PROCESS_H */
