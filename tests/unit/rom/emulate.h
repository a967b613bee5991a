/* SPDX-License-Identifier: MIT */
/*
 * What user mode may not do, done for a ROM's code.
 */
#ifndef ROM_EMULATE_H
#define ROM_EMULATE_H

#include <setjmp.h>
#include <stdint.h>

/* Where code goes that would never come back. */
extern sigjmp_buf emulate_out;

/* Handle the signals; and those that are no ROM's fault end the program. */
void emulate_start(void);

static inline uint64_t emulate_tsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

#endif /* ROM_EMULATE_H */
