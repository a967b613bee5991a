/* SPDX-License-Identifier: MIT */
/*
 * One sample each of what a program does with its memory.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

/* The first write to each of PAGES pages, in order and in no order. */
void page_faults_once(void);
void page_faults_mixed_once(void);

/* PAGES pages mapped, touched and given back. */
void mmap_once(void);

/* PAGES touched pages made read-only, and writable again. */
void mprotect_setup(void);
void mprotect_once(void);
void mprotect_teardown(void);

#endif /* BENCH_MEMORY_H */
