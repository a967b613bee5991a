/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls through a page that Xen fills, in both images: a PV domain's by
 * its builder, whom the note asks; others' by xen.c.
 *
 * Source: Xen xen/include/public/arch-x86/xen-x86_32.h and xen-x86_64.h.
 */
#include "boot/note.h"

#ifdef __x86_64__
    NOTE XEN_ELFNOTE_HYPERCALL_PAGE, .quad xen_hypercall_page
#endif

    .text

/* long xen_hypercall(unsigned number, a1, a2, a3): see xen.h */
    .globl xen_hypercall
xen_hypercall:
#ifdef __x86_64__
    movl %edi, %eax
    shll $5, %eax
    addq $xen_hypercall_page, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    jmp *%rax
#else
    pushl %ebx
    movl 8(%esp), %eax
    shll $5, %eax
    addl $xen_hypercall_page, %eax
    movl 12(%esp), %ebx
    movl 16(%esp), %ecx
    movl 20(%esp), %edx
    call *%eax
    popl %ebx
    ret
#endif

/* Until it is filled a call ends in a breakpoint. */
    .balign 4096
    .globl xen_hypercall_page
xen_hypercall_page:
    .fill 4096, 1, 0xcc

    .section .note.GNU-stack, "", @progbits
