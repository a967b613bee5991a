/* SPDX-License-Identifier: MIT */
/*
 * One inline function for each instruction; no policy.
 *
 * Included as <x86/insn.h>: unit tests put tests/unit/fake first on the
 * include path and get a model CPU instead. Hence no asm in any other C file.
 */
#ifndef X86_INSN_H
#define X86_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For the compiler; the CPU keeps the order of loads among themselves. */
static inline void x86_barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

/*
 * Earlier stores are done, to devices too, before what follows: WRMSR to the
 * x2APIC's registers too, which serialises nothing (SDM volume 3, 10.12.3).
 * Needs SSE2.
 */
static inline void x86_mfence(void)
{
    __asm__ volatile("mfence\n\tlfence" ::: "memory");
}

static inline void x86_pause(void)
{
    __asm__ volatile("pause" ::: "memory");
}

/* Whether CPUID is an instruction: EFLAGS.ID (bit 21) can be changed. */
static inline bool x86_has_cpuid(void)
{
#ifdef __x86_64__
    return true;
#else
    uint32_t before, after;

    __asm__ volatile("pushfl\n\t"
                     "popl %0\n\t"
                     "movl %0, %1\n\t"
                     "xorl $0x200000, %1\n\t"
                     "pushl %1\n\t"
                     "popfl\n\t"
                     "pushfl\n\t"
                     "popl %1\n\t"
                     "pushl %0\n\t"
                     "popfl"
                     : "=&r"(before), "=&r"(after)
                     :
                     : "cc");
    return (before ^ after) & 0x200000;
#endif
}

struct x86_cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct x86_cpuid x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct x86_cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/* The same with Xen's prefix, which makes it Xen's answer in a PV domain. */
static inline struct x86_cpuid x86_cpuid_xen_pv(uint32_t leaf, uint32_t subleaf)
{
    struct x86_cpuid r;

    __asm__ volatile("ud2\n\t"
                     ".ascii \"xen\"\n\t"
                     "cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/* TSC in ticks; may be read before earlier loads have completed. */
static inline __attribute__((always_inline)) uint64_t x86_rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (uint64_t)hi << 32 | lo;
}

/* TSC in ticks, not read before earlier loads have completed. Needs SSE2. */
static inline __attribute__((always_inline)) uint64_t x86_rdtsc_ordered(void)
{
    uint32_t lo, hi;

    __asm__ volatile("lfence\n\t"
                     "rdtsc"
                     : "=a"(lo), "=d"(hi)
                     :
                     : "memory");
    return (uint64_t)hi << 32 | lo;
}

static inline uint64_t x86_rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
    return (uint64_t)hi << 32 | lo;
}

/* Memory is clobbered: a hypervisor may fill a page when it sees this. */
static inline void x86_wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value),
                       "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline uint8_t x86_inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t x86_inw(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t x86_inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
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

static inline void x86_outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* A device register: one access of 8, 16 or 32 bits, plainly addressed. */
static inline uint8_t x86_read8(const volatile void *at)
{
    uint8_t value;

    __asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(at) : "memory");
    return value;
}

static inline void x86_write8(volatile void *at, uint8_t value)
{
    __asm__ volatile("movb %0, (%1)" : : "q"(value), "r"(at) : "memory");
}

static inline uint16_t x86_read16(const volatile void *at)
{
    uint16_t value;

    __asm__ volatile("movw (%1), %0" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static inline void x86_write16(volatile void *at, uint16_t value)
{
    __asm__ volatile("movw %0, (%1)" : : "r"(value), "r"(at) : "memory");
}

static inline uint32_t x86_read32(const volatile void *at)
{
    uint32_t value;

    __asm__ volatile("movl (%1), %0" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static inline void x86_write32(volatile void *at, uint32_t value)
{
    __asm__ volatile("movl %0, (%1)" : : "r"(value), "r"(at) : "memory");
}

/* The code segment's selector; its lowest two bits are the privilege level. */
static inline uint16_t x86_read_cs(void)
{
    uint16_t selector;

    __asm__ volatile("movw %%cs, %0" : "=r"(selector));
    return selector;
}

/* An exception, on purpose. */
static inline void x86_ud2(void)
{
    __asm__ volatile("ud2" : : : "memory");
}

/* Zeroes; never a call to memset. */
static inline void x86_clear(void *at, size_t bytes)
{
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(0) : "memory");
}

/*
 * n / d, with the remainder in '*out_rest' unless that is NULL; d is not 0.
 * Never a call to libgcc.
 */
static inline uint64_t x86_div(uint64_t n, uint32_t d, uint32_t *out_rest)
{
#ifdef __x86_64__
    if (out_rest)
        *out_rest = (uint32_t)(n % d);
    return n / d;
#else
    uint32_t hi = (uint32_t)(n >> 32);
    uint32_t lo = (uint32_t)n;
    uint32_t hi_quotient = hi / d;
    uint32_t rest = hi % d;

    __asm__("divl %2" : "+a"(lo), "+d"(rest) : "r"(d) : "cc");
    if (out_rest)
        *out_rest = rest;
    return (uint64_t)hi_quotient << 32 | lo;
#endif
}

/* What '*at' is, never a half of it; 'at' is aligned. */
static inline uint64_t x86_load64(uint64_t *at)
{
#ifdef __x86_64__
    return *(volatile uint64_t *)at;
#else
    uint64_t value = 0;

    /* The only instruction of the 80586 that reads 64 bits at once. */
    __asm__ volatile("lock; cmpxchg8b %1"
                     : "+A"(value), "+m"(*at)
                     : "b"(0), "c"(0)
                     : "memory", "cc");
    return value;
#endif
}

/* Stores 'now' if '*at' is 'old'; returns what '*at' was. Atomic. */
static inline uint64_t x86_cmpxchg64(uint64_t *at, uint64_t old, uint64_t now)
{
#ifdef __x86_64__
    __asm__ volatile("lock; cmpxchgq %2, %1"
                     : "+a"(old), "+m"(*at)
                     : "r"(now)
                     : "memory", "cc");
#else
    __asm__ volatile("lock; cmpxchg8b %1"
                     : "+A"(old), "+m"(*at)
                     : "b"((uint32_t)now), "c"((uint32_t)(now >> 32))
                     : "memory", "cc");
#endif
    return old;
}

/* Clears bit 0; returns what it was. One instruction: atomic on this CPU. */
static inline bool x86_test_and_clear_0(volatile uint32_t *at)
{
    bool was;

    __asm__ volatile("btrl $0, %0\n\t"
                     "setc %1"
                     : "+m"(*at), "=q"(was)
                     :
                     : "cc", "memory");
    return was;
}

/* The registers that VMware's low-bandwidth call takes and changes. */
struct x86_vmware {
    uint32_t eax, ebx, ecx, edx, esi, edi;
};

#define X86_VMWARE(instruction)                                                \
    __asm__ volatile(instruction                                               \
                     : "+a"(r->eax), "+b"(r->ebx), "+c"(r->ecx), "+d"(r->edx), \
                       "+S"(r->esi), "+D"(r->edi)                              \
                     :                                                         \
                     : "memory")

static inline void x86_inl_vmware(struct x86_vmware *r)
{
    X86_VMWARE("inl %%dx, %%eax");
}

static inline void x86_vmcall_vmware(struct x86_vmware *r)
{
    X86_VMWARE("vmcall");
}

static inline void x86_vmmcall_vmware(struct x86_vmware *r)
{
    X86_VMWARE("vmmcall");
}

#undef X86_VMWARE

#endif /* X86_INSN_H */
