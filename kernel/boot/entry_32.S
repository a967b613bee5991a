/* SPDX-License-Identifier: MIT */
/*
 * Every way into the 32-bit image: PVH and Multiboot1. Both end in
 * kernel_start(door, info, magic), on a stack, without paging.
 *
 * A loader that knows both takes Multiboot1. PVK_WITHOUT_MULTIBOOT leaves that
 * header out, so that the other way can be tried under the same loader.
 *
 * Source: Xen xen/include/public/elfnote.h; Xen docs/misc/pvh.pandoc;
 *         Multiboot specification 0.6.96, 3.1 and 3.2.
 */
#include "boot/doors.h"
#include "boot/note.h"

#define MULTIBOOT1_HEADER_MAGIC 0x1badb002
#define MULTIBOOT1_MEMORY_INFO  (1 << 1)

#define BOOT_STACK_BYTES 32768

#define CODE32 0x08
#define DATA   0x10

#ifndef PVK_WITHOUT_MULTIBOOT
    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT1_HEADER_MAGIC
    .long MULTIBOOT1_MEMORY_INFO
    .long -(MULTIBOOT1_HEADER_MAGIC + MULTIBOOT1_MEMORY_INFO)
#endif

    NOTE XEN_ELFNOTE_GUEST_OS, .asciz BOOT_NAME
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    NOTE XEN_ELFNOTE_PHYS32_ENTRY, .long entry_pvh

    .text

/* EBX: struct hvm_start_info. */
    .globl entry_pvh
entry_pvh:
    movl $DOOR_PVH, %ebp
    jmp enter

/* EBX: Multiboot1 information; EAX: the loader's magic, checked in C. */
    .globl entry_multiboot
entry_multiboot:
    movl $DOOR_MULTIBOOT1, %ebp

enter:
    cli
    cld
    movl $stack_top, %esp
    lgdt gdt_pointer
    ljmp $CODE32, $1f
1:  movl $DATA, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    movl %ecx, %fs
    movl %ecx, %gs
    movl %ecx, %ss
    pushl $0 /* keeps the stack at 16 bytes where kernel_start() is called */
    pushl %eax
    pushl %ebx
    pushl %ebp
    xorl %ebp, %ebp
    call kernel_start
    ud2

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff /* CODE32 */
    .quad 0x00cf92000000ffff /* DATA */
gdt_pointer:
    .short gdt_pointer - gdt - 1
    .long gdt

    .bss
    .balign 16
    .globl boot_stack
boot_stack:
    .skip BOOT_STACK_BYTES
    .globl stack_top
stack_top:

    .section .note.GNU-stack, "", @progbits
