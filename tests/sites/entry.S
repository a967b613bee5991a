/* SPDX-License-Identifier: MIT */
/*
 * The ways in and out of an exception and of a system call, by the ops; with
 * -DHAND the same written by hand. tools/check-sites compiles both with
 * PVOPS_FULL=0 and compares.
 */
#ifdef HAND
#define PVOPS_ASM_ENTRY
#define PVOPS_ASM_SWAPGS      swapgs
#define PVOPS_ASM_IRQ_DISABLE cli
#define PVOPS_ASM_IRQ_ENABLE  sti
#ifdef __x86_64__
#define PVOPS_ASM_READ_CR2 mov %cr2, %rax
#define PVOPS_ASM_IRET     iretq
.macro PVOPS_ASM_SYSCALL_ENTRY hypervisor, scratch, stack, user_cs, user_ss
    swapgs
    mov %rsp, %gs:\scratch
    mov %gs:\stack, %rsp
    pushq $\user_ss
    pushq %gs:\scratch
    push %r11
    pushq $\user_cs
    push %rcx
.endm
.macro PVOPS_ASM_SYSRET
    mov (%rsp), %rcx
    mov 16(%rsp), %r11
    mov 24(%rsp), %rsp
    swapgs
    sysretq
.endm
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
#ifdef __x86_64__
    .globl syscall_entry
syscall_entry:
    PVOPS_ASM_SYSCALL_ENTRY syscall_hypervisor, 0x200, 0x208, 0x23, 0x1b
    PVOPS_ASM_SYSRET
#endif
    .section .note.GNU-stack, "", @progbits
