/* SPDX-License-Identifier: MIT */
/*
 * From ticks of a counter to nanoseconds and back, without a division by 64
 * bits: i386 would call libgcc for it.
 */
#ifndef PVOPS_TICKS_H
#define PVOPS_TICKS_H

#include <stdint.h>

#include <x86/insn.h>

#define PVI_NS_PER_S 1000000000u

#ifdef __SIZEOF_INT128__
/* ISO C has no such type, as -Wpedantic would say. */
__extension__ typedef unsigned __int128 pvi_uint128;
#endif

/* (ticks << shift) * mul / 2^32, exactly, modulo 2^64; shift is -63 to 63. */
static inline uint64_t pvi_ticks_scale(uint64_t ticks, uint32_t mul, int shift)
{
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;

#ifdef __SIZEOF_INT128__
    return (uint64_t)((pvi_uint128)ticks * mul >> 32);
#else
    /* With ticks = h * 2^32 + l, no product of 96 bits is ever needed. */
    return (ticks >> 32) * mul + (((ticks & UINT32_MAX) * mul) >> 32);
#endif
}

/* The upper half of a * b. */
static inline uint64_t pvi_mul_high(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    return (uint64_t)((pvi_uint128)a * b >> 64);
#else
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t mid1 = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (a & UINT32_MAX) * (b >> 32) + (mid1 & UINT32_MAX);

    return (a >> 32) * (b >> 32) + (mid1 >> 32) + (mid2 >> 32);
#endif
}

/*
 * Factors for pvi_ticks_scale() that make nanoseconds of ticks at 'hz', which
 * is not 0. They are off by less than 0.001 ppm below 2 GHz, and by less than
 * 0.002 ppm above.
 */
static inline void pvi_ticks_factors(uint64_t hz, uint32_t *out_mul,
                                     int8_t *out_shift)
{
    int8_t shift = 0;

    /* Above 1 GHz and at most 2 GHz: 'mul' then fills its 32 bits. */
    for (; hz > 2 * (uint64_t)PVI_NS_PER_S; hz >>= 1)
        shift--;
    for (; hz <= PVI_NS_PER_S; hz <<= 1)
        shift++;
    *out_mul = (uint32_t)x86_div(((uint64_t)PVI_NS_PER_S << 32) + hz / 2,
                                 (uint32_t)hz, NULL);
    *out_shift = shift;
}

/* n / d as 32.32 fixed point; d is not 0, n / d is below 2^32. */
static inline uint64_t pvi_ticks_rate(uint64_t n, uint32_t d)
{
    uint32_t rest;
    uint64_t whole = x86_div(n, d, &rest);

    return whole << 32 | x86_div((uint64_t)rest << 32, d, NULL);
}

/* The frequency that these factors belong to; 0 if they are nonsense. */
static inline uint64_t pvi_ticks_hz(uint32_t mul, int shift)
{
    uint64_t hz;

    if (!mul || shift < -31 || shift > 31)
        return 0;
    hz = x86_div((uint64_t)PVI_NS_PER_S << 32, mul, NULL);
    return shift < 0 ? hz << -shift : hz >> shift;
}

#endif /* PVOPS_TICKS_H */
