/* SPDX-License-Identifier: MIT */
/*
 * What several CPUs cost each other: for pvlab run --where, from bench_from to
 * bench_to.
 */
#ifndef PVK_BENCH_SMP_H
#define PVK_BENCH_SMP_H

/*
 * As bench_ops(). Context: boot CPU, the others up, interrupts off; leaves
 * them off.
 */
void bench_smp(void);

#endif /* PVK_BENCH_SMP_H */
