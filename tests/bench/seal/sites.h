/* SPDX-License-Identifier: MIT */
/*
 * seal: as many call sites as are asked for, to be sealed and counted.
 */
#ifndef BENCH_SEAL_SITES_H
#define BENCH_SEAL_SITES_H

#include <stdbool.h>

enum { BENCH_SITES_MAX = 100000 };

/* Fresh text and records of 'count' sites. */
void bench_make(unsigned count);

/* pvops_seal() and pvops_verify() of them. False: not every one was sealed. */
bool bench_seal(void);
bool bench_verify(void);

#endif /* BENCH_SEAL_SITES_H */
