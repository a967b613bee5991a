/* SPDX-License-Identifier: MIT */
/*
 * The way from pvk's last round into its entry code: back to the tables that
 * that code made, then out of long mode, where the image is put back as it was
 * loaded. Nothing here is sealed: what runs is overwritten with itself.
 *
 * Source: AMD APM 2, 14.7 (leaving long mode); Xen docs/misc/pvh.pandoc
 *         (register state at entry); Multiboot2 specification 2.0, 3.3.
 */
#include "arch/layout.h"
#include "boot/doors.h"

#define PHYSICAL(symbol) ((symbol) - LAYOUT_DIRECT)

#define CR0_PE_ET 0x11
#define CR4_PAE   0x20
#define EFER      0xc0000080

/* Of entry_64.S's GDT. */
#define CODE32 0x18
#define DATA   0x10

    .text
/* void restart_leave_tables(void); without CR4.PGE global pages are forgotten */
    .globl restart_leave_tables
restart_leave_tables:
    movl $CR4_PAE, %eax
    movq %rax, %cr4
    movq $PHYSICAL(page_root), %rax
    movq %rax, %cr3
    ret

/* EDI: door, RSI: info, EDX: magic. */
    .globl restart_enter
restart_enter:
    cli
    cld
    movl %edi, %ebp
    movl %esi, %ebx
    lgdt boot_gdt(%rip)
    lidt no_idt(%rip)
    pushq $CODE32
    pushq $PHYSICAL(1f)
    lretq

    .code32
1:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %edx, %esp /* there is no stack now */
    movl $CR0_PE_ET, %eax
    movl %eax, %cr0
    xorl %eax, %eax
    xorl %edx, %edx
    movl $EFER, %ecx
    wrmsr
    movl %eax, %cr4
    movl %eax, %cr3

    movl $PHYSICAL(restart_copy), %esi
    movl $PHYSICAL(image_start), %edi
    movl $PHYSICAL(data_stop), %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep movsl
    movl $PHYSICAL(bss_start), %edi
    movl $PHYSICAL(bss_stop), %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep stosl

    movl %esp, %eax
    cmpl $DOOR_PVH, %ebp
    je entry_pvh
    jmp entry_multiboot

    .section .rodata
no_idt:
    .short 0
    .quad 0

    .section .note.GNU-stack, "", @progbits
