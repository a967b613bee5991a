/* SPDX-License-Identifier: MIT */
/*
 * Handlers of SIGSEGV: of what a program's own instruction did. No other signal
 * has handlers, and one that kill() sends ends a process whatever it handles.
 */
#ifndef PVK_PROC_SIGNAL_H
#define PVK_PROC_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/frame.h"
#include "proc/signal_abi.h"

/* Of a process. fork() copies it; nobody else touches it. */
struct signals {
    struct sigaction segv;
    bool segv_blocked; /* its handler runs */
};

/* As Linux: what was handled is not any more, what is blocked stays so. */
void signal_exec(struct signals *signals);

/*
 * The fault of 'frame' goes to the handler: 'frame' leads there. False if there
 * is none, it runs already, or the program's stack does not take what it is to
 * see. 'address' is a page fault's, else 0.
 */
bool signal_segv(struct trap_frame *frame, uint64_t address);

#endif /* PVK_PROC_SIGNAL_H */
