/* SPDX-License-Identifier: MIT */
/*
 * One inline function for each instruction that only ring 0 may execute and
 * only bare-metal bodies need. <x86/insn.h> has the others.
 *
 * Included as <x86/system.h>, as that one is.
 */
#ifndef X86_SYSTEM_H
#define X86_SYSTEM_H

#include <stdint.h>

/* Operand of LGDT and LIDT. */
struct x86_descriptor_table {
    uint16_t limit; /* bytes - 1 */
    uintptr_t base;
} __attribute__((packed));

static inline void x86_lgdt(const struct x86_descriptor_table *table)
{
    __asm__ volatile("lgdt %0" : : "m"(*table) : "memory");
}

static inline void x86_lidt(const struct x86_descriptor_table *table)
{
    __asm__ volatile("lidt %0" : : "m"(*table) : "memory");
}

static inline void x86_ltr(uint16_t selector)
{
    __asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

/* CS by a far return; then SS, DS and ES. */
static inline void x86_load_segments(uint16_t cs, uint16_t ss)
{
#ifdef __x86_64__
    uintptr_t scratch;

    __asm__ volatile("pushq %1\n\t"
                     "leaq 1f(%%rip), %0\n\t"
                     "pushq %0\n\t"
                     "lretq\n"
                     "1:"
                     : "=&r"(scratch)
                     : "r"((uintptr_t)cs)
                     : "memory");
#else
    __asm__ volatile("pushl %0\n\t"
                     "call 1f\n\t"
                     "jmp 2f\n"
                     "1:\tlretl\n"
                     "2:"
                     :
                     : "r"((uintptr_t)cs)
                     : "memory");
#endif
    __asm__ volatile("mov %0, %%ss\n\t"
                     "mov %0, %%ds\n\t"
                     "mov %0, %%es"
                     :
                     : "r"((uint32_t)ss)
                     : "memory");
}

static inline void x86_cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void x86_sti(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void x86_sti_hlt(void)
{
    __asm__ volatile("sti\n\thlt" : : : "memory");
}

static inline void x86_hlt(void)
{
    __asm__ volatile("hlt" : : : "memory");
}

/* Sets 'bits' in '*word', and halts until INIT, touching no memory more. */
__attribute__((noreturn)) static inline void
x86_set_bits_and_halt(uintptr_t *word, uintptr_t bits)
{
    __asm__ volatile("lock or %1, %0\n"
                     "1:\tcli\n\t"
                     "hlt\n\t"
                     "jmp 1b"
                     : "+m"(*word)
                     : "r"(bits)
                     : "memory", "cc");
    __builtin_unreachable();
}

static inline void x86_invlpg(uintptr_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline uintptr_t x86_read_cr3(void)
{
    uintptr_t value;

    __asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
    return value;
}

static inline void x86_write_cr3(uintptr_t value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uintptr_t x86_read_cr4(void)
{
    uintptr_t value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value) : : "memory");
    return value;
}

static inline void x86_write_cr4(uintptr_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline uintptr_t x86_read_cr0(void)
{
    uintptr_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value) : : "memory");
    return value;
}

static inline void x86_write_cr0(uintptr_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

/* Every translation of one PCID but the global ones: type 1. */
static inline void x86_invpcid_context(uintptr_t pcid)
{
    const struct {
        uint64_t pcid, address;
    } what = { pcid, 0 };

    __asm__ volatile("invpcid %0, %1"
                     :
                     : "m"(what), "r"((uintptr_t)1)
                     : "memory");
}

/* Every translation of every PCID, global ones too: type 2. */
static inline void x86_invpcid_all(void)
{
    const struct {
        uint64_t pcid, address;
    } what = { 0, 0 };

    __asm__ volatile("invpcid %0, %1"
                     :
                     : "m"(what), "r"((uintptr_t)2)
                     : "memory");
}

/* One address of one PCID, but no global translation: type 0. */
static inline void x86_invpcid_address(uintptr_t pcid, uintptr_t address)
{
    const struct {
        uint64_t pcid, address;
    } what = { pcid, address };

    __asm__ volatile("invpcid %0, %1"
                     :
                     : "m"(what), "r"((uintptr_t)0)
                     : "memory");
}

/* XCR0. CR4.OSXSAVE is set. */
static inline uint64_t x86_xgetbv(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static inline void x86_xsetbv(uint64_t value)
{
    __asm__ volatile("xsetbv"
                     :
                     : "c"(0), "a"((uint32_t)value),
                       "d"((uint32_t)(value >> 32))
                     : "memory");
}

#endif /* X86_SYSTEM_H */
