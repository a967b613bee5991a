/* SPDX-License-Identifier: MIT */
/*
 * A store that may not be, and the handler of its SIGSEGV.
 */
#ifndef BENCH_FAULT_H
#define BENCH_FAULT_H

void fault_setup(void);
void fault_once(void);
void fault_teardown(void);

#endif /* BENCH_FAULT_H */
