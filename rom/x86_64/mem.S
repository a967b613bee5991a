/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What compilers call by themselves.
 */
    .section .text.memcpy, "ax", @progbits
    .globl memcpy
    .hidden memcpy
    .type memcpy, @function
memcpy:
    mov %rdi, %rax
    mov %rdx, %rcx
    rep movsb
    ret
    .size memcpy, . - memcpy

    .section .text.memset, "ax", @progbits
    .globl memset
    .hidden memset
    .type memset, @function
memset:
    mov %rdi, %r8
    mov %esi, %eax
    mov %rdx, %rcx
    rep stosb
    mov %r8, %rax
    ret
    .size memset, . - memset

    .section .note.GNU-stack, "", @progbits
