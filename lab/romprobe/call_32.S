/* SPDX-License-Identifier: MIT */
/*
 * A call into a ROM, with a look at what it must keep (i386, VMI 3.0: the
 * argument in EAX).
 */
    .text
    .globl rom_call
    .type rom_call, @function

/* Add 'bit' to ECX unless the register still has its value. */
.macro kept register, value, bit
    cmpl $\value, \register
    je 1f
    orl $\bit, %ecx
1:
.endm

/* unsigned rom_call(const void *at, uintptr_t argument, uintptr_t out[2]) */
rom_call:
    pushl %ebx
    pushl %ebp
    pushl %esi
    pushl %edi
    movl 20(%esp), %ecx
    movl 24(%esp), %eax
    movl $0x1b1b1b1b, %ebx
    movl $0x2b2b2b2b, %ebp
    movl $0x3c3c3c3c, %esi
    movl $0x4d4d4d4d, %edi
    call *%ecx
    movl 28(%esp), %ecx
    movl %eax, (%ecx)
    movl %edx, 4(%ecx)
    xorl %ecx, %ecx
    pushfl
    popl %eax
    testl $0x400, %eax          /* EFLAGS.DF */
    jz 1f
    orl $0x40, %ecx
    cld
1:
    kept %ebx, 0x1b1b1b1b, 1
    kept %ebp, 0x2b2b2b2b, 2
    kept %esi, 0x3c3c3c3c, 4
    kept %edi, 0x4d4d4d4d, 8
    movl %ecx, %eax
    popl %edi
    popl %esi
    popl %ebp
    popl %ebx
    ret
    .size rom_call, . - rom_call

    .section .note.GNU-stack, "", @progbits
