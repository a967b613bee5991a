/* SPDX-License-Identifier: MIT */
/*
 * What each op costs, alone: for pvlab run --where, from bench_from to
 * bench_to.
 */
#ifndef PVK_BENCH_OPS_H
#define PVK_BENCH_OPS_H

/*
 * Run them, a line "bench: ROUNDS EACH NAME" after each: the last ROUNDS
 * samples were of it, EACH operations in one. Context: after sealing,
 * interrupts off; leaves them off.
 */
void bench_ops(void);

/* The markers. */
void bench_from(void);
void bench_to(void);

#endif /* PVK_BENCH_OPS_H */
