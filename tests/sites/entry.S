/* SPDX-License-Identifier: MIT */
/*
 * An exception's way in and out, by the ops; with -DHAND the same written by
 * hand. tools/check-sites compiles both with PVOPS_FULL=0 and compares.
 */
#ifdef HAND
#define PVOPS_ASM_ENTRY
#define PVOPS_ASM_SWAPGS      swapgs
#define PVOPS_ASM_IRQ_DISABLE cli
#define PVOPS_ASM_IRQ_ENABLE  sti
#ifdef __x86_64__
#define PVOPS_ASM_READ_CR2 mov %cr2, %rax
#define PVOPS_ASM_IRET     iretq
#else
#define PVOPS_ASM_READ_CR2 mov %cr2, %eax
#define PVOPS_ASM_IRET     iret
#endif
#else
#include <pvops/asm.h>
#endif

    .text
    .globl entry
entry:
    PVOPS_ASM_ENTRY
#ifdef __x86_64__
    PVOPS_ASM_SWAPGS
#endif
    PVOPS_ASM_READ_CR2
    PVOPS_ASM_IRQ_ENABLE
    PVOPS_ASM_IRQ_DISABLE
    PVOPS_ASM_IRET
    .section .note.GNU-stack, "", @progbits
