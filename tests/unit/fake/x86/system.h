/* SPDX-License-Identifier: MIT */
/*
 * <x86/system.h> of unit tests: what was loaded is remembered, and what empties
 * a TLB does so to the model's (tlb.h).
 */
#ifndef FAKE_X86_SYSTEM_H
#define FAKE_X86_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

struct x86_descriptor_table {
    uint16_t limit;
    uintptr_t base;
} __attribute__((packed));

struct fake_system {
    struct x86_descriptor_table gdt, idt;
    uint16_t tr, cs, ss;
    uintptr_t cr0, cr3, cr4;
    uintptr_t invlpg; /* the last one's */
    bool tlb_global;  /* stays until CR4.PGE is changed */
    uint64_t xcr0;
    bool xcr0_lost; /* it is 1 again after the next CPUID */
    uint64_t xcr0_written;
    uintptr_t cr4_refused; /* CR4 bits that a hypervisor does not give */
    bool no_cr4;
    unsigned halts;
    bool interrupts;
};

extern struct fake_system fake_system;

/* Of all CPUs: exits of a guest, if its hypervisor wants them. */
extern unsigned fake_cr4_accesses;

void x86_lgdt(const struct x86_descriptor_table *table);
void x86_lidt(const struct x86_descriptor_table *table);
void x86_ltr(uint16_t selector);
void x86_load_segments(uint16_t cs, uint16_t ss);
void x86_cli(void);
void x86_sti(void);
void x86_sti_hlt(void);
void x86_hlt(void);
/* Where HLT does not return, the test's longjmp(). */
__attribute__((noreturn)) void x86_set_bits_and_halt(uintptr_t *word,
                                                     uintptr_t bits);
void x86_invlpg(uintptr_t address);
uintptr_t x86_read_cr3(void);
void x86_write_cr3(uintptr_t value);
uintptr_t x86_read_cr4(void);
void x86_write_cr4(uintptr_t value);
uintptr_t x86_read_cr0(void);
void x86_write_cr0(uintptr_t value);
void x86_invpcid_context(uintptr_t pcid);
void x86_invpcid_all(void);
void x86_invpcid_address(uintptr_t pcid, uintptr_t address);
uint64_t x86_xgetbv(void);
void x86_xsetbv(uint64_t value);

/*
 * From now on INVLPG and MOV to or from CR3 in the library's assembly, which
 * this process may not execute, are the model's.
 */
void fake_privileged_on(void);

#endif /* FAKE_X86_SYSTEM_H */
