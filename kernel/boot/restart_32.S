/* SPDX-License-Identifier: MIT */
/*
 * The way from pvk's last round into its entry code: out of paging, where the
 * image is put back as it was loaded. Nothing here is sealed: what runs is
 * overwritten with itself.
 *
 * Source: Xen docs/misc/pvh.pandoc (register state at entry); Multiboot
 *         specification 0.6.96, 3.2.
 */
#include "boot/doors.h"

#define CR0_PE_ET 0x11

    .text
/* void restart_leave_tables(void): the image is at its own address */
    .globl restart_leave_tables
restart_leave_tables:
    movl $CR0_PE_ET, %eax
    movl %eax, %cr0
    xorl %eax, %eax
    movl %eax, %cr4
    movl %eax, %cr3
    ret

/* void restart_enter(unsigned door, uintptr_t info, uint32_t magic) */
    .globl restart_enter
restart_enter:
    cli
    cld
    lidt no_idt
    movl 4(%esp), %ebp
    movl 8(%esp), %ebx
    movl 12(%esp), %edx

    movl $restart_copy, %esi
    movl $image_start, %edi
    movl $data_stop, %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep movsl
    movl $bss_start, %edi
    movl $bss_stop, %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    xorl %eax, %eax
    rep stosl

    movl %edx, %eax
    cmpl $DOOR_PVH, %ebp
    je entry_pvh
    jmp entry_multiboot

    .section .rodata
no_idt:
    .short 0
    .long 0

    .section .note.GNU-stack, "", @progbits
