/* SPDX-License-Identifier: MIT */
/*
 * From one kernel stack to another.
 */

/*
 * void switch_stacks(uintptr_t *out_saved, uintptr_t to)
 *
 * A new process has six registers, worth nothing, and trap_to_user on its
 * stack, and behind them its trap_frame: switch.c.
 */
    .text
    .globl switch_stacks
switch_stacks:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .section .note.GNU-stack, "", @progbits
