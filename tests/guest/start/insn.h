/* SPDX-License-Identifier: MIT */
/*
 * One inline function per instruction: what pvk has not.
 */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include <stddef.h>
#include <stdint.h>

#include "arch/insn.h"

/* Memory is clobbered: Xen fills a page when this MSR is written. */
static inline void x86_wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value),
                       "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* Not ordered against other instructions: good enough to wait by. */
static inline uint64_t x86_rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static inline void x86_cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void x86_hlt(void)
{
    __asm__ volatile("hlt" : : : "memory");
}

/* An interrupt descriptor table without a single entry. */
static inline void x86_lidt_empty(void)
{
    static const struct {
        uint16_t limit;
        uint8_t base[8];
    } empty;

    __asm__ volatile("lidt %0" : : "m"(empty));
}

static inline void x86_ud2(void)
{
    __asm__ volatile("ud2");
}

/* Orders stores before loads, as seen by another CPU. */
static inline void x86_fence(void)
{
    uint32_t here = 0;

    __asm__ volatile("lock; addl $0, %0" : "+m"(here) : : "memory");
}

#endif /* GUEST_INSN_H */
