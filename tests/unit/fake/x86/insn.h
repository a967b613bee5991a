/* SPDX-License-Identifier: MIT */
/*
 * <x86/insn.h> of unit tests: instructions that meet the machine are the model
 * CPU's (fake/cpu.h); arithmetic, barriers and the locked ones are the real.
 *
 * The real header's functions are renamed while it is read. A macro with
 * arguments leaves "struct x86_cpuid" alone.
 */
#ifndef FAKE_X86_INSN_H
#define FAKE_X86_INSN_H

#define x86_has_cpuid(...)      real_has_cpuid(__VA_ARGS__)
#define x86_cpuid(...)          real_cpuid(__VA_ARGS__)
#define x86_cpuid_xen_pv(...)   real_cpuid_xen_pv(__VA_ARGS__)
#define x86_rdtsc(...)          real_rdtsc(__VA_ARGS__)
#define x86_rdtsc_ordered(...)  real_rdtsc_ordered(__VA_ARGS__)
#define x86_rdmsr(...)          real_rdmsr(__VA_ARGS__)
#define x86_wrmsr(...)          real_wrmsr(__VA_ARGS__)
#define x86_inb(...)            real_inb(__VA_ARGS__)
#define x86_inl(...)            real_inl(__VA_ARGS__)
#define x86_outb(...)           real_outb(__VA_ARGS__)
#define x86_inw(...)            real_inw(__VA_ARGS__)
#define x86_outw(...)           real_outw(__VA_ARGS__)
#define x86_outl(...)           real_outl(__VA_ARGS__)
#define x86_mfence(...)         real_mfence(__VA_ARGS__)
#define x86_pause(...)          real_pause(__VA_ARGS__)
#define x86_read_cs(...)        real_read_cs(__VA_ARGS__)
#define x86_ud2(...)            real_ud2(__VA_ARGS__)
#define x86_read32(...)         real_read32(__VA_ARGS__)
#define x86_write32(...)        real_write32(__VA_ARGS__)
#define x86_inl_vmware(...)     real_inl_vmware(__VA_ARGS__)
#define x86_vmcall_vmware(...)  real_vmcall_vmware(__VA_ARGS__)
#define x86_vmmcall_vmware(...) real_vmmcall_vmware(__VA_ARGS__)

#include "../../../../src/x86/insn.h"

#undef x86_has_cpuid
#undef x86_cpuid
#undef x86_cpuid_xen_pv
#undef x86_rdtsc
#undef x86_rdtsc_ordered
#undef x86_rdmsr
#undef x86_wrmsr
#undef x86_inb
#undef x86_inl
#undef x86_outb
#undef x86_inw
#undef x86_outw
#undef x86_outl
#undef x86_mfence
#undef x86_pause
#undef x86_read_cs
#undef x86_ud2
#undef x86_read32
#undef x86_write32
#undef x86_inl_vmware
#undef x86_vmcall_vmware
#undef x86_vmmcall_vmware

bool x86_has_cpuid(void);
struct x86_cpuid x86_cpuid(uint32_t leaf, uint32_t subleaf);
struct x86_cpuid x86_cpuid_xen_pv(uint32_t leaf, uint32_t subleaf);
uint64_t x86_rdtsc(void);
uint64_t x86_rdtsc_ordered(void);
uint64_t x86_rdmsr(uint32_t msr);
void x86_wrmsr(uint32_t msr, uint64_t value);
uint8_t x86_inb(uint16_t port);
uint32_t x86_inl(uint16_t port);
void x86_outb(uint16_t port, uint8_t value);
uint16_t x86_inw(uint16_t port);
void x86_outw(uint16_t port, uint16_t value);
void x86_outl(uint16_t port, uint32_t value);
void x86_mfence(void);
void x86_pause(void);
uint16_t x86_read_cs(void);
void x86_ud2(void);
uint32_t x86_read32(const volatile void *at);
void x86_write32(volatile void *at, uint32_t value);
void x86_inl_vmware(struct x86_vmware *r);
void x86_vmcall_vmware(struct x86_vmware *r);
void x86_vmmcall_vmware(struct x86_vmware *r);

#endif /* FAKE_X86_INSN_H */
