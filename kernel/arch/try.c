/* SPDX-License-Identifier: MIT */
/*
 * trap_try(): the exception's frame is sent to trap_try_faulted, which goes
 * back to the caller with the registers that C keeps across a call.
 */
#include "arch/try.h"

uintptr_t trap_try_stack;

/* clang-format off */
#ifdef __x86_64__
__asm__(".text\n"
        ".globl trap_try, trap_try_faulted\n"
        "trap_try:\n\t"
        "push %rbx\n\t" "push %rbp\n\t" "push %r12\n\t"
        "push %r13\n\t" "push %r14\n\t" "push %r15\n\t"
        "sub $8, %rsp\n\t"
        "mov %rsp, trap_try_stack(%rip)\n\t"
        "mov %rdi, %rax\n\t"
        "mov %rsi, %rdi\n\t"
        "call *%rax\n\t"
        "mov $1, %eax\n"
        "1:\tmovq $0, trap_try_stack(%rip)\n\t"
        "add $8, %rsp\n\t"
        "pop %r15\n\t" "pop %r14\n\t" "pop %r13\n\t"
        "pop %r12\n\t" "pop %rbp\n\t" "pop %rbx\n\t"
        "ret\n"
        "trap_try_faulted:\n\t"
        "mov trap_try_stack(%rip), %rsp\n\t"
        "xor %eax, %eax\n\t"
        "jmp 1b\n");
#else
__asm__(".text\n"
        ".globl trap_try, trap_try_faulted\n"
        "trap_try:\n\t"
        "push %ebx\n\t" "push %ebp\n\t" "push %esi\n\t" "push %edi\n\t"
        "mov 20(%esp), %eax\n\t"
        "mov 24(%esp), %edx\n\t"
        "mov %esp, trap_try_stack\n\t"
        "sub $8, %esp\n\t"
        "push %edx\n\t"
        "call *%eax\n\t"
        "mov $1, %eax\n"
        "1:\tmov trap_try_stack, %esp\n\t"
        "movl $0, trap_try_stack\n\t"
        "pop %edi\n\t" "pop %esi\n\t" "pop %ebp\n\t" "pop %ebx\n\t"
        "ret\n"
        "trap_try_faulted:\n\t"
        "xor %eax, %eax\n\t"
        "jmp 1b\n");
#endif
/* clang-format on */
