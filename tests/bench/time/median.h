/* SPDX-License-Identifier: MIT */
/*
 * Time on this machine, in ring 3: the median of several rounds, said as
 *
 *     time: NANOSECONDS NAME
 *
 * which pvlab bench reads.
 */
#ifndef BENCH_TIME_MEDIAN_H
#define BENCH_TIME_MEDIAN_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MEDIAN_ROUNDS = 15 };

static inline double median_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int median_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts 'rounds'. */
static inline double median_of(double rounds[MEDIAN_ROUNDS])
{
    qsort(rounds, MEDIAN_ROUNDS, sizeof(rounds[0]), median_order);
    return rounds[MEDIAN_ROUNDS / 2];
}

#endif /* BENCH_TIME_MEDIAN_H */
