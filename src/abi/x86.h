/* SPDX-License-Identifier: MIT */
/*
 * Control-register bits, MSRs and the TSS of the processor. Facts only.
 *
 * Source: Intel SDM volume 2A, CPUID (feature bits); volume 3A, 2.5 (control
 *         registers), 7.2.1 and 7.7 (TSS), 4.10.4.1 (what a change of CR4.PGE
 *         invalidates: every PCID); volume 4 (MSRs).
 */
#ifndef ABI_X86_H
#define ABI_X86_H

#include "abi/abi.h"

#define X86_CR4_PGE_BIT 7
#define X86_CR4_PGE     (1u << X86_CR4_PGE_BIT)

#define CPUID_1_EDX_PSE_BIT 3
#define CPUID_1_EDX_PSE     (1u << CPUID_1_EDX_PSE_BIT)
#define CPUID_1_EDX_PGE_BIT 13
#define CPUID_1_EDX_PGE     (1u << CPUID_1_EDX_PGE_BIT)

#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u

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
