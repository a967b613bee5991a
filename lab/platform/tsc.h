/* SPDX-License-Identifier: MIT */
/*
 * How fast this machine's time stamp counter runs: so does the one of QEMU's
 * software CPU, which hands it on (QEMU 7.2, cpus_get_elapsed_ticks(); not
 * with -icount).
 */
#ifndef LAB_PLATFORM_TSC_H
#define LAB_PLATFORM_TSC_H

#include <stdint.h>

/* The counter and the clock at one instant. */
struct tsc_mark {
    uint64_t ticks;
    uint64_t ns;
};

void tsc_mark(struct tsc_mark *out_mark);

/*
 * kHz from 'start' to 'middle', or 0 if it was not the same from 'middle' to
 * 'end' (within 0.2 %), or is none that a counter has.
 */
unsigned tsc_khz_of(const struct tsc_mark *start, const struct tsc_mark *middle,
                    const struct tsc_mark *end);

/*
 * kHz since 'start', to 0.01 % or better; 0 if the counter is not steady.
 * Sleeps for 10 ms, and up to 20 ms more if 'start' was just now.
 */
unsigned tsc_khz_since(const struct tsc_mark *start);

#endif /* LAB_PLATFORM_TSC_H */
