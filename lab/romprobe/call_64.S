/* SPDX-License-Identifier: MIT */
/*
 * A call into a ROM, with a look at what it must keep (x86-64, SysV).
 */
    .text
    .globl rom_call
    .type rom_call, @function

/* Add 'bit' to ECX unless the register still has its value. */
.macro kept register, value, bit
    cmpq $\value, \register
    je 1f
    orl $\bit, %ecx
1:
.endm

/* unsigned rom_call(const void *at, uintptr_t argument, uintptr_t out[2]) */
rom_call:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rdx                  /* and the stack is aligned to 16 */
    movq %rdi, %rax
    movq %rsi, %rdi
    movq $0x1b1b1b1b, %rbx
    movq $0x2b2b2b2b, %rbp
    movq $0x3c3c3c3c, %r12
    movq $0x4d4d4d4d, %r13
    movq $0x5e5e5e5e, %r14
    movq $0x6f6f6f6f, %r15
    call *%rax
    popq %rsi
    movq %rax, (%rsi)
    movq %rdx, 8(%rsi)
    xorl %ecx, %ecx
    pushfq
    popq %rax
    testl $0x400, %eax          /* EFLAGS.DF */
    jz 1f
    orl $0x40, %ecx
    cld
1:
    kept %rbx, 0x1b1b1b1b, 1
    kept %rbp, 0x2b2b2b2b, 2
    kept %r12, 0x3c3c3c3c, 4
    kept %r13, 0x4d4d4d4d, 8
    kept %r14, 0x5e5e5e5e, 0x10
    kept %r15, 0x6f6f6f6f, 0x20
    movl %ecx, %eax
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .size rom_call, . - rom_call

    .section .note.GNU-stack, "", @progbits
