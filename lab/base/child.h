/* SPDX-License-Identifier: MIT */
/*
 * Programs that pvlab starts. None outlives it: each is killed by the kernel
 * when pvlab ends, however it ends.
 */
#ifndef LAB_BASE_CHILD_H
#define LAB_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* 0: not running */
    int pidfd; /* readable once it has ended; -1 */
    int in;    /* its stdin, to write to; -1: /dev/null */
    int out;   /* its stdout, to read from; -1 */
    int error; /* its stderr, to read from; -1 */
};

enum { CHILD_MAX_KEPT = 8 };

/*
 * Start argv[0] (looked up in PATH) in a session of its own, so that Ctrl-C
 * reaches only pvlab. With 'terminal', not -1, its stdin and stdout are that
 * terminal, and no pipes are made for them. 'keep' lists descriptors that the
 * child keeps under the same numbers; all others are closed in it.
 *
 * Errors: false with errno set; nothing runs.
 */
bool child_start(struct child *child, char *const argv[], int terminal,
                 const int *keep, size_t keep_count);

/* SIGKILL to the child's session, then wait for it. Closes descriptors. */
void child_stop(struct child *child);

/*
 * Wait for an ended child (pidfd readable). Returns its exit status, or 128
 * and its signal. Descriptors stay open, so that output can be drained. What
 * it left running in its session is killed.
 */
int child_reap(struct child *child);

/* Close what is still open. */
void child_close(struct child *child);

/*
 * Run argv to its end with stdin empty; stdout and stderr are collected into
 * 'text' (the first size - 1 bytes; NUL-terminated). Returns as child_reap(),
 * or -1 with errno set if it could not be started. Ends early with EINTR if
 * a signal has asked pvlab to stop.
 */
int child_collect(char *const argv[], char *text, size_t size);

#endif /* LAB_BASE_CHILD_H */
