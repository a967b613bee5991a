/* SPDX-License-Identifier: MIT */
/*
 * seal: the time that sealing and verifying take on this machine, in ring 3.
 * IRET there is the same instruction; nothing else in it is privileged.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sites.h"

enum { ROUNDS = 15 };

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    static const unsigned counts[] = { 10, 1000, 10000, 100000 };

    printf("%8s %14s %14s   (median of %d)\n", "sites", "seal us", "verify us",
           ROUNDS);
    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        double seal[ROUNDS], verify[ROUNDS];

        for (unsigned round = 0; round < ROUNDS; round++) {
            double start;

            bench_make(counts[i]);
            start = now_us();
            if (!bench_seal())
                return EXIT_FAILURE;
            seal[round] = now_us() - start;
            start = now_us();
            if (!bench_verify())
                return EXIT_FAILURE;
            verify[round] = now_us() - start;
        }
        qsort(seal, ROUNDS, sizeof(seal[0]), by_value);
        qsort(verify, ROUNDS, sizeof(verify[0]), by_value);
        printf("%8u %14.1f %14.1f\n", counts[i], seal[ROUNDS / 2],
               verify[ROUNDS / 2]);
    }
    return EXIT_SUCCESS;
}
