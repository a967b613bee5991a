/* SPDX-License-Identifier: MIT */
/*
 * Where system calls come in, and the quick way back.
 *
 * RBX, RBP and R12 to R15 are the program's again when C comes back; only a
 * program that has just begun, and one that comes back from a handler, gets
 * others, and so the long way.
 */
#include <pvops/asm.h>

#include "arch/frame.h"
#include "arch/trap_abi.h"
#include "proc/syscall_abi.h"

#define USER_BITS 47 /* an address of 47 bits is canonical */

    .text
    .balign 16
    .globl syscall_entry
syscall_entry:
    PVOPS_ASM_SYSCALL_ENTRY syscall_entry_hypervisor, PERCPU_SCRATCH, PERCPU_KERNEL_STACK, SYSCALL_USER_CS, SYSCALL_USER_SS
    pushq $0 /* error code */
    pushq $FRAME_SYSCALL
    FRAME_SAVE
    movq %rsp, %rdi /* struct trap_frame; a multiple of 16 */
    call syscall_handle
    call process_before_user
    cmpq $FRAME_SYSCALL, FRAME_VECTOR(%rsp)
    jne trap_restore_user
    movq FRAME_IP(%rsp), %rcx
    shrq $USER_BITS, %rcx
    jnz trap_restore_user
    movq FRAME_AX(%rsp), %rax
    movq FRAME_DI(%rsp), %rdi
    movq FRAME_SI(%rsp), %rsi
    movq FRAME_DX(%rsp), %rdx
    movq FRAME_R8(%rsp), %r8
    movq FRAME_R9(%rsp), %r9
    movq FRAME_R10(%rsp), %r10
    addq $FRAME_IP, %rsp
    PVOPS_ASM_SYSRET

    .section .note.GNU-stack, "", @progbits
