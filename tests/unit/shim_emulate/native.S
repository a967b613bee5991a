/* SPDX-License-Identifier: MIT */
/*
 * native_run(regs, code): executes 'code' with the registers and status flags
 * of 'regs' (struct cpu_user_regs), which gets them back. The code ends with a
 * jump to native_back. No stack is in use meanwhile: RSP is one of them.
 */
#define R15    0
#define R14    8
#define R13    16
#define R12    24
#define RBP    32
#define RBX    40
#define R11    48
#define R10    56
#define R9     64
#define R8     72
#define RAX    80
#define RCX    88
#define RDX    96
#define RSI    104
#define RDI    112
#define RFLAGS 144
#define RSP    152

    .bss
    .balign 8
own_rsp:
    .skip 8
regs:
    .skip 8
code:
    .skip 8
his_rdi:
    .skip 8

    .text
    .globl native_run
    .type native_run, @function
native_run:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, own_rsp(%rip)
    mov %rdi, regs(%rip)
    mov %rsi, code(%rip)
    pushq RFLAGS(%rdi)
    popfq
    mov R15(%rdi), %r15
    mov R14(%rdi), %r14
    mov R13(%rdi), %r13
    mov R12(%rdi), %r12
    mov RBP(%rdi), %rbp
    mov RBX(%rdi), %rbx
    mov R11(%rdi), %r11
    mov R10(%rdi), %r10
    mov R9(%rdi), %r9
    mov R8(%rdi), %r8
    mov RAX(%rdi), %rax
    mov RCX(%rdi), %rcx
    mov RDX(%rdi), %rdx
    mov RSI(%rdi), %rsi
    mov RSP(%rdi), %rsp
    mov RDI(%rdi), %rdi
    jmp *code(%rip)
    .size native_run, . - native_run

    .globl native_back
    .type native_back, @function
native_back:
    mov %rdi, his_rdi(%rip)
    mov regs(%rip), %rdi
    mov %r15, R15(%rdi)
    mov %r14, R14(%rdi)
    mov %r13, R13(%rdi)
    mov %r12, R12(%rdi)
    mov %rbp, RBP(%rdi)
    mov %rbx, RBX(%rdi)
    mov %r11, R11(%rdi)
    mov %r10, R10(%rdi)
    mov %r9, R9(%rdi)
    mov %r8, R8(%rdi)
    mov %rax, RAX(%rdi)
    mov %rcx, RCX(%rdi)
    mov %rdx, RDX(%rdi)
    mov %rsi, RSI(%rdi)
    mov %rsp, RSP(%rdi)
    mov own_rsp(%rip), %rsp
    pushfq
    popq RFLAGS(%rdi)
    cld
    mov his_rdi(%rip), %rax
    mov %rax, RDI(%rdi)
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size native_back, . - native_back

    .section .note.GNU-stack, "", @progbits
