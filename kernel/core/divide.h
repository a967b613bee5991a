/* SPDX-License-Identifier: MIT */
/*
 * 64-bit division by 32 bits, for which a compiler for i386 would call libgcc.
 */
#ifndef PVK_CORE_DIVIDE_H
#define PVK_CORE_DIVIDE_H

#include <stdint.h>

/* 'by' is not 0. */
static inline uint64_t divide(uint64_t number, uint32_t by, uint32_t *out_rest)
{
#ifdef __x86_64__
    *out_rest = (uint32_t)(number % by);
    return number / by;
#else
    uint32_t high = (uint32_t)(number >> 32), low = (uint32_t)number;
    uint32_t high_quotient = high / by, rest = high % by;

    /* rest < by: the quotient of this step fits into 32 bits. */
    __asm__("divl %2" : "+a"(low), "+d"(rest) : "r"(by) : "cc");
    *out_rest = rest;
    return (uint64_t)high_quotient << 32 | low;
#endif
}

#endif /* PVK_CORE_DIVIDE_H */
