/* SPDX-License-Identifier: MIT */
/*
 * Instructions that pvk executes itself, one inline function each. What is
 * privileged goes through libpvops, but for what only bare metal has.
 */
#ifndef PVK_ARCH_INSN_H
#define PVK_ARCH_INSN_H

#include <stdint.h>

struct x86_cpuid {
    uint32_t eax, ebx, ecx, edx;
};

/* Fails nowhere; in a Xen PV domain it answers for the machine below. */
static inline struct x86_cpuid x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct x86_cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/*
 * The time-stamp counter, read after what stands before it. "memory": what
 * stands behind it does not move in front.
 */
static inline uint64_t x86_tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/*
 * Xen's hypercalls of two arguments, without a hypercall page: Intel's and
 * AMD's instruction. "memory": Xen reads and writes what they point to.
 */
#define X86_HYPERCALL(name, instruction)                                       \
    static inline long name(unsigned number, uintptr_t one, uintptr_t two)     \
    {                                                                          \
        long result = (long)number;                                            \
                                                                               \
        __asm__ volatile(instruction                                           \
                         : "+a"(result), X86_HYPERCALL_ARGUMENTS(one, two)     \
                         :                                                     \
                         : "memory");                                          \
        return result;                                                         \
    }
#ifdef __x86_64__
#define X86_HYPERCALL_ARGUMENTS(one, two) "+D"(one), "+S"(two)
#else
#define X86_HYPERCALL_ARGUMENTS(one, two) "+b"(one), "+c"(two)
#endif
X86_HYPERCALL(x86_vmcall, "vmcall")
X86_HYPERCALL(x86_vmmcall, "vmmcall")

static inline void x86_outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t x86_inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t x86_inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void x86_pause(void)
{
    __asm__ volatile("pause");
}

/* Bare metal and PVH only. */
static inline uintptr_t x86_read_cr0(void)
{
    uintptr_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

/* "memory": paging, or what it protects, changes here. */
static inline void x86_write_cr0(uintptr_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}
#define X86_CR0_WP (1u << 16)
#define X86_CR0_PG (1u << 31)

#endif /* PVK_ARCH_INSN_H */
