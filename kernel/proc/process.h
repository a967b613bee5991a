/* SPDX-License-Identifier: MIT */
/*
 * Processes: one thread each, round robin, taken from the CPU by a tick in user
 * mode. The kernel itself is not preempted, and runs with interrupts off but
 * while it waits for something to do.
 */
#ifndef PVK_PROC_PROCESS_H
#define PVK_PROC_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/frame.h"
#include "mm/space.h"

struct file;

enum { PROCESS_FILES = 16, PROCESS_MOST = 256 };

enum process_state {
    PROCESS_READY = 0,
    PROCESS_RUNNING,
    PROCESS_WAITING, /* in process_wait() */
    PROCESS_ZOMBIE,  /* its exit status waits for the parent */
};

/* A list of processes that wait for the same thing. */
struct wait_list {
    struct process *first, *last;
};

struct process {
    uintptr_t saved_sp; /* switch_64.S: first */
    int pid;
    enum process_state state;
    struct process *parent;
    struct space *space;
    uintptr_t stack_top; /* of its kernel stack */
    uint64_t fs_base;
    struct file *files[PROCESS_FILES];
    int status;       /* as wait4() gives it */
    int killed_by;    /* a signal that ends it when it returns to user mode */
    uint64_t wake_ns; /* a sleeper's time; 0: none */
    struct process *vfork_parent; /* waits until exec or exit */
    struct process *next;         /* in the ready list or a wait list */
    struct wait_list *waiting_on;
    void *xstate; /* XSAVE area, 64-byte aligned */
};

/* The one that has the CPU. Context: a system call or trap of user mode. */
extern struct process *current;

/* The calls of process.c, sched.c, fork.c, exit.c: errors are -ERRNO. */
long process_fork(const struct trap_frame *frame, bool vfork);
long process_execve(struct trap_frame *frame, uint64_t path, uint64_t argv,
                    uint64_t envp);
long process_wait4(long pid, uint64_t status, long options);
long process_kill(long pid, long signal);
__attribute__((noreturn)) void process_exit(int status);

/* Give the CPU to the next that is ready; this one stays ready. */
void process_yield(void);

/*
 * Sleep in 'list' until process_wake_all(), or until 'wake_ns' (0: for ever);
 * false if it was killed meanwhile, or is to be. The condition is tested again
 * by the caller.
 */
bool process_wait(struct wait_list *list, uint64_t wake_ns);
void process_wake_all(struct wait_list *list);

/* Before a return to user mode: a tick that came, a signal that waits. */
void process_before_user(void);

/*
 * A trap of user mode that is not a page fault that could be served: one line
 * with the reason (which access, where, by which pid), then the end of it.
 * 'signal' is Linux's number.
 */
void process_fault(struct trap_frame *frame, int signal, uint64_t address);

/*
 * Start 'path' from the initrd as process 1 and run until it has ended;
 * returns its status as wait4() gives it. Context: after pvops_seal().
 */
int process_run_init(const char *path);

#endif /* PVK_PROC_PROCESS_H */
