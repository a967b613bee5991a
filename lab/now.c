/* SPDX-License-Identifier: MIT */
/*
 * The monotonic clock, in seconds.
 */
#include "now.h"

#include <time.h>

double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
