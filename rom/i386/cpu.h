/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Instructions that only ROMs need; the others are the library's.
 */
#ifndef ROM_CPU_H
#define ROM_CPU_H

#include <x86/insn.h>
#include <x86/system.h>

static inline uint32_t cpu_gdt_base(void)
{
    struct x86_descriptor_table table;

    __asm__ volatile("sgdt %0" : "=m"(table));
    return table.base;
}

/* Interrupts off; returns the flags for cpu_restore(). */
static inline uint32_t cpu_save(void)
{
    uint32_t flags;

    __asm__ volatile("pushfl\n\t"
                     "popl %0\n\t"
                     "cli"
                     : "=r"(flags)
                     :
                     : "memory");
    return flags;
}

static inline void cpu_restore(uint32_t flags)
{
    __asm__ volatile("pushl %0\n\t"
                     "popfl"
                     :
                     : "r"(flags)
                     : "memory", "cc");
}

/* Stores 'now' if '*at' is 'old'; returns what '*at' was. Atomic. */
static inline uint32_t cpu_cmpxchg(uint32_t *at, uint32_t old, uint32_t now)
{
    uint32_t was;

    __asm__ volatile("lock; cmpxchgl %2, %1"
                     : "=a"(was), "+m"(*at)
                     : "r"(now), "0"(old)
                     : "memory", "cc");
    return was;
}

#endif /* ROM_CPU_H */
