/* SPDX-License-Identifier: MIT */
/*
 * The end of a process, and wait4().
 */
#include "core/log.h"
#include "proc/errno.h"
#include "proc/file.h"
#include "proc/process.h"

enum {
    WNOHANG = 1,
    WUNTRACED = 2,
    WCONTINUED = 8,
    RUSAGE_BYTES = 144,
};

static void close_files(struct process *process)
{
    for (size_t i = 0; i < PROCESS_FILES; i++) {
        if (process->files[i])
            file_drop(process->files[i]);
        process->files[i] = NULL;
    }
}

static void give_up_space(struct process *process)
{
    struct space *space = process->space;

    process->space = NULL;
    if (process->space_borrowed) {
        process->space_borrowed = false;
        process_wake_all(&process->parent->children_changed);
        return;
    }
    space_activate(NULL);
    space_free(space);
}

/* Its children are init's from now on. */
static void orphan(struct process *process)
{
    struct process *init = process_find(1);

    while (process->children) {
        struct process *child = process->children;

        process->children = child->sibling;
        child->parent = init;
        child->sibling = init->children;
        init->children = child;
    }
    process_wake_all(&init->children_changed);
}

static void kill_but_init(struct process *process, unsigned signal)
{
    if (process->pid == 1 || process->state == PROCESS_ZOMBIE)
        return;
    process_end(process, signal);
}

static void reap(struct process *child)
{
    struct process **link = &child->parent->children;

    while (*link != child)
        link = &(*link)->sibling;
    *link = child->sibling;
    process_release(child);
}

/*
 * When init ends, everything does; then process_run() comes back. Those that
 * run on other CPUs end when they enter the kernel; each wakes its parent, and
 * init in the end.
 */
static __attribute__((noreturn)) void end_of_init(void)
{
    struct process *init = process_current();

    for (;;) {
        process_each(kill_but_init, SIGKILL);
        for (struct process *child = init->children, *next; child;
             child = next) {
            next = child->sibling;
            if (child->state == PROCESS_ZOMBIE)
                reap(child);
        }
        if (process_count() == 1)
            break;
        process_wait_for(&init->children_changed);
    }
    close_files(init);
    give_up_space(init);
    process_stop();
}

void process_exit(unsigned status)
{
    struct process *process = process_current();

    process->status = status;
    if (process->pid == 1)
        end_of_init();
    close_files(process);
    give_up_space(process);
    orphan(process);
    process->state = PROCESS_ZOMBIE;
    process_wake_all(&process->parent->children_changed);
    process_leave();
}

/* A zombie that 'pid' means, or NULL; whether there is such a child at all. */
static struct process *find_child(long pid, bool *out_any)
{
    *out_any = false;
    for (struct process *child = process_current()->children; child;
         child = child->sibling) {
        if (pid > 0 && child->pid != pid)
            continue;
        *out_any = true;
        if (child->state == PROCESS_ZOMBIE)
            return child;
    }
    return NULL;
}

/* Every process is of the one group there is. */
long process_wait4(long pid, uint64_t status, long options, uint64_t rusage)
{
    static const uint8_t no_usage[RUSAGE_BYTES];
    struct space *space = process_current()->space;
    struct process *child;
    uint32_t value;
    bool any;
    long result = 0;

    if (options & ~(long)(WNOHANG | WUNTRACED | WCONTINUED))
        return -EINVAL;
    if (pid < -1)
        return pid == INT32_MIN ? -ESRCH : -ECHILD;
    while (!(child = find_child(pid, &any))) {
        if (!any)
            return -ECHILD;
        if (options & WNOHANG)
            return 0;
        if (!process_wait(&process_current()->children_changed, 0))
            return -EINTR;
    }
    value = child->status;
    pid = child->pid;
    reap(child);
    if (status)
        result = space_copy_out(space, status, &value, sizeof(value));
    if (!result && rusage)
        result = space_copy_out(space, rusage, no_usage, sizeof(no_usage));
    return result ? result : pid;
}

static const char *const accesses[] = { "read", "write", "execution" };

void process_fault(struct trap_frame *frame, unsigned signal, uint64_t address)
{
    enum { PAGE_FAULT = 14, PRESENT = 1, WRITE = 2, FETCH = 16 };
    unsigned access = frame->error & FETCH ? 2 : frame->error & WRITE ? 1 : 0;

    if (signal == SIGSEGV && signal_segv(frame, address))
        return;
    if (frame->vector == PAGE_FAULT)
        log_line("pid %d is ended by signal %u: %s at 0x%llx from 0x%llx, %s",
                 process_current()->pid, signal, accesses[access],
                 (unsigned long long)address, (unsigned long long)frame->ip,
                 frame->error & PRESENT ? "which it may not"
                                        : "where nothing is mapped");
    else
        log_line("pid %d is ended by signal %u: exception %llu at 0x%llx",
                 process_current()->pid, signal,
                 (unsigned long long)frame->vector,
                 (unsigned long long)frame->ip);
    process_exit(signal);
}
