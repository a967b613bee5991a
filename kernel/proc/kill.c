/* SPDX-License-Identifier: MIT */
/*
 * kill(): every signal that ends a process by default does, and no other is
 * known. There are no handlers, no stops, no users, and one process group.
 */
#include "proc/errno.h"
#include "proc/process.h"

enum {
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGWINCH = 28,
    SIGNALS = 64,
};

static bool ends(unsigned signal)
{
    return signal && signal != SIGCHLD && signal != SIGURG &&
           signal != SIGWINCH && (signal < SIGCONT || signal > SIGTTOU);
}

/* As in Linux, process 1 takes none that it has no handler for. */
static void send(struct process *process, unsigned signal)
{
    if (process->pid == 1 || process->state == PROCESS_ZOMBIE || !ends(signal))
        return;
    process_end(process, process->killed_by ? process->killed_by : signal);
}

static void send_but_self(struct process *process, unsigned signal)
{
    if (process != process_current())
        send(process, signal);
}

long process_kill(long pid, long signal)
{
    struct process *process;

    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    if (pid == 0) {
        process_each(send, (unsigned)signal);
        return 0;
    }
    if (pid == -1) {
        process_each(send_but_self, (unsigned)signal);
        return process_count() > 2 ? 0 : -ESRCH;
    }
    if (pid < 0 || pid > INT32_MAX)
        return -ESRCH;
    process = process_find((int)pid);
    if (!process)
        return -ESRCH;
    send(process, (unsigned)signal);
    return 0;
}

void process_kill_self(unsigned signal)
{
    process_current()->killed_by = signal;
}
