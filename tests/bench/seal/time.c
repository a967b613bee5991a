/* SPDX-License-Identifier: MIT */
/*
 * seal: the time that sealing and verifying take on this machine, in ring 3.
 * IRET there is the same instruction; nothing else in it is privileged.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../time/median.h"
#include "sites.h"

int main(void)
{
    static const unsigned counts[] = { 10, 1000, 10000, 100000 };

    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        double seal[MEDIAN_ROUNDS], verify[MEDIAN_ROUNDS];

        for (unsigned round = 0; round < MEDIAN_ROUNDS; round++) {
            double start_ns;

            bench_make(counts[i]);
            start_ns = median_now_ns();
            if (!bench_seal())
                return EXIT_FAILURE;
            seal[round] = median_now_ns() - start_ns;
            start_ns = median_now_ns();
            if (!bench_verify())
                return EXIT_FAILURE;
            verify[round] = median_now_ns() - start_ns;
        }
        printf("time: %.0f %u sites sealed\n", median_of(seal), counts[i]);
        printf("time: %.0f %u sites verified\n", median_of(verify), counts[i]);
    }
    return EXIT_SUCCESS;
}
