/* SPDX-License-Identifier: MIT */
/*
 * This CPU's struct pvops_cpu, by segment and constant offset.
 *
 * Included as <x86/percpu.h>: unit tests have no such segment.
 */
#ifndef X86_PERCPU_H
#define X86_PERCPU_H

#include <pvops/pvops.h>

#define X86_PERCPU_TEXT(token)  #token
#define X86_PERCPU_NAME(token)  X86_PERCPU_TEXT(token)
#define X86_PERCPU_SEGMENT_NAME X86_PERCPU_NAME(PVOPS_CPU_SEGMENT)

/*
 * What pvops_cpu_setup() was given on this CPU; before it, what the memory
 * there holds. Volatile: after preemption it may be another.
 */
static inline struct pvops_cpu *pvi_this_cpu(void)
{
    struct pvops_cpu *cpu;

    __asm__ volatile("mov %%" X86_PERCPU_SEGMENT_NAME ":%c1, %0"
                     : "=r"(cpu)
                     : "i"(PVOPS_CPU_OFFSET + PVOPS_OFF_self)
                     : "memory");
    return cpu;
}

/* Base of PVOPS_CPU_SEGMENT; on i386 it is in the embedder's GDT. */
#ifdef __x86_64__
#define X86_PERCPU_SEGMENT_IS_GS (X86_PERCPU_SEGMENT_NAME[0] == 'g')
#endif

#endif /* X86_PERCPU_H */
