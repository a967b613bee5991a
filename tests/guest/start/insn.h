/* SPDX-License-Identifier: MIT */
/*
 * One inline function per instruction.
 */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include <stddef.h>
#include <stdint.h>

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid x86_cpuid(uint32_t leaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(0));
    return r;
}

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

static inline uint8_t x86_inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void x86_outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void x86_outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void x86_cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void x86_hlt(void)
{
    __asm__ volatile("hlt" : : : "memory");
}

static inline void x86_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
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

/* Both with the direction flag clear, as the ABI has it. */
static inline void x86_stosb(void *to, uint8_t byte, size_t bytes)
{
    __asm__ volatile("rep stosb"
                     : "+D"(to), "+c"(bytes)
                     : "a"(byte)
                     : "memory");
}

static inline void x86_movsb(void *to, const void *from, size_t bytes)
{
    __asm__ volatile("rep movsb"
                     : "+D"(to), "+S"(from), "+c"(bytes)
                     :
                     : "memory");
}

/* Orders stores before loads, as seen by another CPU. */
static inline void x86_fence(void)
{
    uint32_t here = 0;

    __asm__ volatile("lock; addl $0, %0" : "+m"(here) : : "memory");
}

#endif /* GUEST_INSN_H */
