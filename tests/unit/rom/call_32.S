/* SPDX-License-Identifier: MIT */
/*
 * Calling a ROM's routine with every register given, and seeing all of them
 * afterwards; and the images themselves.
 */
    .bss
    .balign 4
regs:       .long 0
target:     .long 0
saved_esp:  .long 0
    .globl machine_landing
machine_landing: .long 0

    .text
/* machine_call(regs, target), cdecl. Offsets are struct machine_regs's. */
    .globl machine_call
machine_call:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %eax
    movl 24(%esp), %ecx
    movl %eax, regs
    movl %ecx, target
    pushl 32(%eax)
    pushl 28(%eax)
    movl %esp, saved_esp
    movl 4(%eax), %edx
    movl 8(%eax), %ecx
    movl 12(%eax), %ebx
    movl 16(%eax), %esi
    movl 20(%eax), %edi
    movl 24(%eax), %ebp
    movl (%eax), %eax
    call *target
    pushl %eax
    movl regs, %eax
    movl %edx, 4(%eax)
    movl %ecx, 8(%eax)
    movl %ebx, 12(%eax)
    movl %esi, 16(%eax)
    movl %edi, 20(%eax)
    movl %ebp, 24(%eax)
    popl (%eax)
    movl %esp, %edx
    subl saved_esp, %edx
    movl %edx, 36(%eax)
    movl saved_esp, %esp
    addl $8, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

/* The same with EFLAGS.TF from the CALL on. */
    .globl machine_call_stepped
machine_call_stepped:
    pushl 8(%esp)
    pushl 8(%esp)
    pushfl
    orl $0x100, (%esp)
    popfl
    call machine_call
    pushfl
    andl $~0x100, (%esp)
    popfl
    addl $8, %esp
    ret

/* bool machine_iret(target) */
    .globl machine_iret
machine_iret:
    movl 4(%esp), %ecx
    xorl %eax, %eax
    movl %esp, saved_esp
    pushfl
    pushl %cs
    pushl $1f
    jmp *%ecx
    /* Whoever falls through, or returns, is here with EAX 0. */
    movl saved_esp, %esp
    ret
1:  cmpl %esp, saved_esp
    sete %al
    movl saved_esp, %esp
    ret

/* bool machine_sysexit(target): the emulated SYSEXIT goes to EDX, ESP = ECX. */
    .globl machine_sysexit
machine_sysexit:
    movl 4(%esp), %eax
    movl %eax, target
    xorl %eax, %eax
    movl %esp, saved_esp
    movl %esp, %ecx
    movl $2f, %edx
    subl $64, %esp
    jmp *target
2:  cmpl %esp, saved_esp
    sete %al
    movl saved_esp, %esp
    ret

    .section .note.GNU-stack, "", @progbits
