/* SPDX-License-Identifier: MIT */
/*
 * i386: where exceptions and interrupts come in, and the way back.
 *
 * One stub a vector, TRAP_STUB_BYTES apart: trap.c fills the IDT with them.
 * Kernel mode only: the segment registers hold the kernel's already.
 */
#include <pvops/asm.h>

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
    pushl $0
    .endif
    pushl $vector
    jmp trap_common
    vector = vector + 1
    .endr

trap_common:
    pushal
    cld
    movl %esp, %eax /* struct trap_frame */
    movl %esp, %ebp
    andl $-16, %esp
    subl $12, %esp
    pushl %eax
    call trap_handle
    movl %ebp, %esp
    popal
    addl $8, %esp /* vector, error code */
    PVOPS_ASM_IRET

/*
 * bool trap_try_read(const volatile uint8_t *address)
 * bool trap_try_write(volatile uint8_t *address, uint8_t value)
 *
 * One access each; false if it faulted (trap.h).
 */
    .globl trap_try_read
trap_try_read:
    movl 4(%esp), %ecx
1:  movb (%ecx), %al
    movl $1, %eax
    ret
    TRAP_FIXUP 1b, try_failed

    .globl trap_try_write
trap_try_write:
    movl 4(%esp), %ecx
    movl 8(%esp), %eax
1:  movb %al, (%ecx)
    movl $1, %eax
    ret
    TRAP_FIXUP 1b, try_failed

try_failed:
    xorl %eax, %eax
    ret

/*
 * bool trap_breakpoint_keeps_registers(void)
 *
 * INT3 with a known value in every register, and in the arithmetic flags: true
 * if all are there afterwards.
 */
    .globl trap_breakpoint_keeps_registers
trap_breakpoint_keeps_registers:
    push %ebx
    push %esi
    push %edi
    push %ebp
    movl $0x11111111, %eax
    movl $0x22222222, %ebx
    movl $0x33333333, %ecx
    movl $0x44444444, %edx
    movl $0x55555555, %esi
    movl $0x66666666, %edi
    movl %esp, %ebp
    stc
    int3
    jnc 1f
    cmpl %esp, %ebp
    jne 1f
    cmpl $0x11111111, %eax
    jne 1f
    cmpl $0x22222222, %ebx
    jne 1f
    cmpl $0x33333333, %ecx
    jne 1f
    cmpl $0x44444444, %edx
    jne 1f
    cmpl $0x55555555, %esi
    jne 1f
    cmpl $0x66666666, %edi
    jne 1f
    movl $1, %eax
    jmp 2f
1:  xorl %eax, %eax
2:
    pop %ebp
    pop %edi
    pop %esi
    pop %ebx
    ret

    .section .note.GNU-stack, "", @progbits
