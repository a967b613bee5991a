/* SPDX-License-Identifier: MIT */
/*
 * Processes in a ring of pipes, through which a byte goes from one to the next.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

enum { RING_MOST_KIB = 64 };

/*
 * This process and 'processes' - 1 children, each of which has 'kib' KiB of
 * data of its own, which it reads whenever the byte comes by.
 */
void ring_setup(unsigned processes, unsigned kib);

/* The byte goes round once: so many changes of process as there are. */
void ring_round(void);

/* The children end. */
void ring_teardown(void);

#endif /* BENCH_RING_H */
