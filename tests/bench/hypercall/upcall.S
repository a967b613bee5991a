/* SPDX-License-Identifier: MIT */
/*
 * The shortest upcall of a Xen PV guest: takes its one event, and goes back.
 *
 * Source: Xen 4.17 xen/arch/x86/x86_64/entry.S, create_bounce_frame (RCX and
 *         R11 are below the frame); xen/include/public/arch-x86/xen-x86_64.h,
 *         struct iret_context.
 */
#include "abi/xen.h"

    .text
    .globl upcall
upcall:
    movq vcpu_info(%rip), %rcx
    movb $0, XEN_VCPU_INFO_PENDING(%rcx)
    movq $0, 8(%rcx) /* evtchn_pending_sel: all of it */
    movq event_word(%rip), %rcx
    movq $0, (%rcx)
    incl events(%rip)
    popq %rcx
    popq %r11
    pushq $0 /* to the guest's kernel */
    pushq %rcx
    pushq %r11
    pushq %rax
    movl $__HYPERVISOR_iret, %eax
    syscall

    .section .note.GNU-stack, "", @progbits
