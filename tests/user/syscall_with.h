/* SPDX-License-Identifier: MIT */
/*
 * A system call with all registers, the stack and the flags as one likes.
 */
#ifndef SYSCALL_WITH_H
#define SYSCALL_WITH_H

#include <stdint.h>

/* Registers around SYSCALL: rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15. */
enum {
    RAX,
    RBX,
    RCX,
    RDX,
    RSI,
    RDI,
    RBP,
    R8,
    R9,
    R10,
    R11,
};
enum { REGISTERS = 15 };

/*
 * With these registers, this RSP and these RFLAGS; both arrays are filled with
 * what they were after it. Interrupted in between, too: nothing of it is on a
 * stack.
 */
int call_with(uint64_t registers[REGISTERS], uint64_t sp, uint64_t flags);
extern const char call_with_next[];
__asm__(".text\n"
        ".globl call_with, call_with_next\n"
        "call_with:\n"
        "    push %rbx\n"
        "    push %rbp\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, call_sp(%rip)\n"
        "    mov %rdi, call_at(%rip)\n"
        "    mov %rsi, call_asked(%rip)\n"
        "    mov 0(%rdi), %rax\n"
        "    mov 8(%rdi), %rbx\n"
        "    mov 32(%rdi), %rsi\n"
        "    mov 48(%rdi), %rbp\n"
        "    mov 56(%rdi), %r8\n"
        "    mov 64(%rdi), %r9\n"
        "    mov 72(%rdi), %r10\n"
        "    mov 88(%rdi), %r12\n"
        "    mov 96(%rdi), %r13\n"
        "    mov 104(%rdi), %r14\n"
        "    mov 112(%rdi), %r15\n"
        "    push %rdx\n"
        "    mov 24(%rdi), %rdx\n"
        "    mov 40(%rdi), %rdi\n"
        "    popf\n"
        "    mov call_asked(%rip), %rsp\n"
        "    syscall\n"
        "call_with_next:\n"
        "    mov %rdi, call_rdi(%rip)\n"
        "    mov call_at(%rip), %rdi\n"
        "    mov %rax, 0(%rdi)\n"
        "    mov %rbx, 8(%rdi)\n"
        "    mov %rcx, 16(%rdi)\n"
        "    mov %rdx, 24(%rdi)\n"
        "    mov %rsi, 32(%rdi)\n"
        "    mov call_rdi(%rip), %rax\n"
        "    mov %rax, 40(%rdi)\n"
        "    mov %rbp, 48(%rdi)\n"
        "    mov %r8, 56(%rdi)\n"
        "    mov %r9, 64(%rdi)\n"
        "    mov %r10, 72(%rdi)\n"
        "    mov %r11, 80(%rdi)\n"
        "    mov %r12, 88(%rdi)\n"
        "    mov %r13, 96(%rdi)\n"
        "    mov %r14, 104(%rdi)\n"
        "    mov %r15, 112(%rdi)\n"
        "    xor %eax, %eax\n"
        "    cmp call_asked(%rip), %rsp\n"
        "    setne %al\n"
        "    mov call_sp(%rip), %rsp\n"
        "    push $2\n"
        "    popf\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbp\n"
        "    pop %rbx\n"
        "    ret\n"
        ".local call_sp, call_at, call_asked, call_rdi\n"
        ".comm call_sp, 8\n"
        ".comm call_at, 8\n"
        ".comm call_asked, 8\n"
        ".comm call_rdi, 8\n");

#endif /* SYSCALL_WITH_H */
