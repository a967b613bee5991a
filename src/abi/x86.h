/* SPDX-License-Identifier: MIT */
/*
 * Control-register bits, MSRs and the TSS of the processor. Facts only.
 *
 * Source: Intel SDM volume 2A, CPUID (feature bits); volume 3A, 2.5 (control
 *         registers), 6.15 and 4.7 (exceptions, page faults), 17.2 (debug
 *         registers), 7.2.1 and 7.7 (TSS), 4.10.4.1 (what a change of CR4.PGE
 *         invalidates: every PCID); volume 4 (MSRs); volume 1, 13.3 (XCR0).
 */
#ifndef ABI_X86_H
#define ABI_X86_H

#include "abi/abi.h"

#define X86_CR0_MP 0x2u
#define X86_CR0_EM 0x4u
#define X86_CR0_TS 0x8u
#define X86_CR0_WP 0x10000u
#define X86_CR0_PG 0x80000000u

#define X86_CR4_TSD        0x4u
#define X86_CR4_DE         0x8u
#define X86_CR4_PAE        0x20u
#define X86_CR4_PGE_BIT    7
#define X86_CR4_PGE        (1u << X86_CR4_PGE_BIT)
#define X86_CR4_OSFXSR     0x200u
#define X86_CR4_OSXMMEXCPT 0x400u
#define X86_CR4_LA57       0x1000u
#define X86_CR4_FSGSBASE   0x10000u
#define X86_CR4_PCIDE      0x20000u
#define X86_CR3_PCID       0xfffu /* with CR4.PCIDE */
#define X86_CR4_OSXSAVE    0x40000u
#define X86_CR4_SMEP       0x100000u
#define X86_CR4_SMAP       0x200000u
#define X86_CR4_CET        0x800000u

#define X86_RFLAGS_CF         0x1u
#define X86_RFLAGS_ONE        0x2u /* always set */
#define X86_RFLAGS_PF         0x4u
#define X86_RFLAGS_AF         0x10u
#define X86_RFLAGS_ZF         0x40u
#define X86_RFLAGS_SF         0x80u
#define X86_RFLAGS_TF         0x100u
#define X86_RFLAGS_IF         0x200u
#define X86_RFLAGS_DF         0x400u
#define X86_RFLAGS_OF         0x800u
#define X86_RFLAGS_IOPL       0x3000u
#define X86_RFLAGS_IOPL_SHIFT 12
#define X86_RFLAGS_NT         0x4000u
#define X86_RFLAGS_RF         0x10000u
#define X86_RFLAGS_VM         0x20000u
#define X86_RFLAGS_AC         0x40000u

#define X86_VECTOR_DB 1
#define X86_VECTOR_UD 6
#define X86_VECTOR_GP 13
#define X86_VECTOR_PF 14

/* A page fault's error code. */
#define X86_PF_WRITE 0x2u
#define X86_PF_USER  0x4u
#define X86_PF_FETCH 0x10u

#define X86_DR6_BS 0x4000u /* a single step; bits 0 to 3: breakpoints */

/* DR7, of breakpoint 0: two enabling bits, and R/W and LEN higher up. */
#define X86_DR7_ENABLED   0x3u  /* each further one 2 bits higher */
#define X86_DR7_ENABLES   0xffu /* all of these */
#define X86_DR7_GD        0x2000u
#define X86_DR7_RW_SHIFT  16 /* each further one 4 bits higher, as LEN */
#define X86_DR7_RW_IO     2u
#define X86_DR7_LEN_SHIFT 18 /* 0 to 3: 1, 2, 8, 4 bytes */

#define CPUID_1_ECX_XSAVE    (1u << 26)
#define CPUID_1_ECX_OSXSAVE  (1u << 27)
#define CPUID_1_EDX_FXSR     (1u << 24)
#define CPUID_1_EDX_SSE      (1u << 25)
#define CPUID_MORE_FEATURES  7u
#define CPUID_7_EBX_FSGSBASE (1u << 0)
#define CPUID_7_EBX_INVPCID  (1u << 10)
#define CPUID_7_ECX_CET_SS   (1u << 7) /* shadow stacks */
#define CPUID_XSTATE         0x0du /* sub-leaf 0, EAX and EDX: bits of XCR0 */

/* XCR0: all of them, or none. AVX-512 goes with AVX, AVX with SSE. */
#define XCR0_MPX    0x18u
#define XCR0_AVX512 0xe0u
#define XCR0_AMX    0x60000u

#define CPUID_1_EDX_PSE_BIT 3
#define CPUID_1_EDX_PSE     (1u << CPUID_1_EDX_PSE_BIT)
#define CPUID_1_EDX_PGE_BIT 13
#define CPUID_1_EDX_PGE     (1u << CPUID_1_EDX_PGE_BIT)

#define MSR_IA32_TSC 0x10u

#define MSR_EFER           0xc0000080u
#define EFER_SCE           0x1u
#define EFER_LMA           0x400u
#define MSR_SYSENTER_CS    0x174u
#define MSR_SYSENTER_ESP   0x175u
#define MSR_SYSENTER_EIP   0x176u
#define MSR_STAR           0xc0000081u
#define MSR_LSTAR          0xc0000082u
#define MSR_CSTAR          0xc0000083u
#define MSR_SFMASK         0xc0000084u
#define MSR_FS_BASE        0xc0000100u
#define MSR_GS_BASE        0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX        0xc0000103u

/* The beginning of the TSS. */
#ifdef __x86_64__
struct x86_tss {
    uint32_t reserved0;
    uint64_t stack0; /* RSP0 */
} __attribute__((packed));
#else
struct x86_tss {
    uint32_t link;
    uint32_t stack0; /* ESP0 */
} __attribute__((packed));
#endif

ABI_OFFSET(struct x86_tss, stack0, 4);
ABI_SIZE(struct x86_tss, 4 + sizeof(uintptr_t));

#endif /* ABI_X86_H */
