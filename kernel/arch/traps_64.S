/* SPDX-License-Identifier: MIT */
/*
 * x86-64: where exceptions and interrupts come in, and the way back.
 *
 * One stub a vector, TRAP_STUB_BYTES apart: trap.c fills the IDT with them. No
 * stack of its own for any: NMI, double fault and machine check end in a panic,
 * wherever they meet the kernel.
 */
#include <pvops/asm.h>

#include "arch/frame.h"
#include "arch/trap_abi.h"

/* Vectors at which the CPU pushes an error code. SDM volume 3, table 6-1. */
#define WITH_ERROR_CODE 0x60227d00 /* 8, 10-14, 17, 21, 29, 30 */

    .text
    .balign TRAP_STUB_BYTES
    .globl trap_stubs
trap_stubs:
    vector = 0
    .rept 256
    .balign TRAP_STUB_BYTES
    PVOPS_ASM_ENTRY
    .if vector >= 32 || !(WITH_ERROR_CODE >> (vector & 31) & 1)
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    vector = vector + 1
    .endr

trap_common:
    FRAME_SAVE
    cld
    testb $3, FRAME_CS(%rsp) /* pvops_frame_is_user() */
    jnz trap_from_user
    movq %rsp, %rdi /* struct trap_frame */
    movq %rsp, %rbp
    andq $-16, %rsp
    call trap_handle
    movq %rbp, %rsp
    FRAME_RESTORE
    PVOPS_ASM_IRET

/* The stack began empty: it is a multiple of 16. */
trap_from_user:
    PVOPS_ASM_SWAPGS
    movq %rsp, %rdi
    call trap_handle_user

/* The same for a process that begins: its frame is all there is. */
    .globl trap_to_user
trap_to_user:
    call process_before_user
    .globl trap_restore_user
trap_restore_user:
    PVOPS_ASM_SWAPGS
    FRAME_RESTORE
    PVOPS_ASM_IRET

/*
 * bool trap_try_read(const volatile uint8_t *address)
 * bool trap_try_write(volatile uint8_t *address, uint8_t value)
 *
 * One access each; false if it faulted (trap.h).
 */
    .globl trap_try_read
trap_try_read:
1:  movb (%rdi), %al
    movl $1, %eax
    ret
    TRAP_FIXUP 1b, try_failed

    .globl trap_try_write
trap_try_write:
1:  movb %sil, (%rdi)
    movl $1, %eax
    ret
    TRAP_FIXUP 1b, try_failed

/* user.h: what differs is only which of RSI and RDI is the program's. */
    .globl user_copy_in, user_copy_out
user_copy_in:
user_copy_out:
    movq %rdx, %rcx
    shrq $3, %rcx
1:  rep movsq
    movl %edx, %ecx
    andl $7, %ecx
2:  rep movsb
    movl $1, %eax
    ret
    TRAP_FIXUP 1b, try_failed
    TRAP_FIXUP 2b, try_failed

try_failed:
    xorl %eax, %eax
    ret

/*
 * bool trap_breakpoint_keeps_registers(void)
 *
 * INT3 with a known value in every register that C lets us have, and in the
 * arithmetic flags: true if all are there afterwards.
 */
    .globl trap_breakpoint_keeps_registers
trap_breakpoint_keeps_registers:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    movq $0x1111111111111111, %rax
    movq %rax, %r15
    .irp register, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14
    addq %rax, %r15
    movq %r15, %\register
    .endr
    movq %rsp, %r15
    stc
    int3
    jnc 1f
    cmpq %rsp, %r15
    jne 1f
    movq %rax, %r15
    .irp register, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14
    addq %rax, %r15
    cmpq %r15, %\register
    jne 1f
    .endr
    movl $1, %eax
    jmp 2f
1:  xorl %eax, %eax
2:
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .section .note.GNU-stack, "", @progbits
