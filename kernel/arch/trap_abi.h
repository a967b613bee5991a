/* SPDX-License-Identifier: MIT */
/*
 * What assembly and C agree on about traps. Read by both.
 */
#ifndef PVK_ARCH_TRAP_ABI_H
#define PVK_ARCH_TRAP_ABI_H

#define TRAP_STUB_BYTES 32

/* In struct percpu (arch/cpu.h); the last two for PVOPS_ASM_SYSCALL_ENTRY. */
#define PERCPU_SELF         8192
#define PERCPU_SCRATCH      8200
#define PERCPU_KERNEL_STACK 8208

#ifdef __ASSEMBLER__
/* clang-format off */
/* If the instruction at 'from' faults, go on at 'to'. */
.macro TRAP_FIXUP from:req, to:req
    .pushsection .trap_fixups, "a", @progbits
    .balign 4
    .long \from - .
    .long \to - .
    .popsection
.endm
/* clang-format on */
#endif

#endif /* PVK_ARCH_TRAP_ABI_H */
