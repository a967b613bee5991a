/* SPDX-License-Identifier: MIT */
/*
 * The flag that a signal sets. Handlers do not restart system calls, so a
 * loop that waits sees the flag at once.
 */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

void stop_setup(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* A file that grows beyond RLIMIT_FSIZE: the write tells. */
    signal(SIGXFSZ, SIG_IGN);
}

bool stop_requested(void)
{
    return stop_signal != 0;
}

int stop_status(void)
{
    return 128 + (int)stop_signal;
}
