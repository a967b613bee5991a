/* SPDX-License-Identifier: MIT */
/*
 * From a loader, in 32 bits without paging, to shim_start(door, info, magic) in
 * 64 bits where the shim is linked. The first 4 GiB are mapped where they are
 * and at SHIM_DIRECT.
 *
 * Source: Xen docs/misc/pvh.pandoc (register state at entry); Multiboot
 *         specification 0.6.96, 3.2; Multiboot2 specification 2.0, 3.3.
 */
#include "boot/doors.h"
#include "layout.h"

#define CR0_MP   (1 << 1)
#define CR0_NE   (1 << 5)
#define CR0_WP   (1 << 16)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define EFER     0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

#define MULTIBOOT1_LOADER_MAGIC 0x2badb002

#define PAGE_PRESENT_WRITE 0x03
#define PAGE_LARGE         0x80
#define ENTRY_BYTES        8

#define SLOT4(address) ((address) >> 39 & 511)
#define SLOT3(address) ((address) >> 30 & 511)

#define BOOT_STACK_BYTES 16384

/* Where something is while there is no paging. */
#define LOADED(symbol) ((symbol) - SHIM_TEXT + SHIM_LOADED)

#define CODE64 0x08
#define DATA   0x10

    .section .head, "ax"
    .code32
/* EAX: the loader's magic; EBX: its information. */
    .globl entry_multiboot
entry_multiboot:
    jmp multiboot
    .balign 8
/* EBX: struct hvm_start_info. */
entry_pvh:
    movl $DOOR_PVH, %ebp
    jmp enter

multiboot:
    movl $DOOR_MULTIBOOT2, %ebp
    cmpl $MULTIBOOT1_LOADER_MAGIC, %eax
    jne enter
    movl $DOOR_MULTIBOOT1, %ebp

enter:
    cli
    cld
    movl $LOADED(boot_stack_top), %esp
    movl %eax, %esi

    /* Four page directories of 2 MiB pages: the first 4 GiB. */
    movl $LOADED(page_directories), %edi
    movl $(PAGE_PRESENT_WRITE | PAGE_LARGE), %eax
    movl $2048, %ecx
1:  movl %eax, (%edi)
    movl $0, 4(%edi)
    addl $ENTRY_BYTES, %edi
    addl $0x200000, %eax
    loop 1b

    movl $LOADED(page_pointers), %edi
    movl $(LOADED(page_directories) + PAGE_PRESENT_WRITE), %eax
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $PAGE_BYTES, %eax
    loop 1b

    /* The shim: the first 8 MiB from where it is loaded. */
    movl $LOADED(shim_directory), %edi
    movl $(SHIM_LOADED + PAGE_PRESENT_WRITE + PAGE_LARGE), %eax
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $0x200000, %eax
    loop 1b
    movl $(LOADED(shim_directory) + PAGE_PRESENT_WRITE), \
        LOADED(shim_pointers) + SLOT3(SHIM_TEXT) * ENTRY_BYTES

    movl $(LOADED(shim_pointers) + PAGE_PRESENT_WRITE), \
        LOADED(boot_root) + SLOT4(SHIM_TEXT) * ENTRY_BYTES
    movl $(LOADED(page_pointers) + PAGE_PRESENT_WRITE), %eax
    movl %eax, LOADED(boot_root)
    movl %eax, LOADED(boot_root) + SLOT4(SHIM_DIRECT) * ENTRY_BYTES

    movl $LOADED(boot_root), %eax
    movl %eax, %cr3
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $EFER, %ecx
    rdmsr
    orl $(EFER_LME | EFER_NXE), %eax
    wrmsr
    movl %cr0, %eax
    andl $~0x6000000c, %eax /* CD, NW, TS, EM */
    orl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP), %eax
    movl %eax, %cr0
    lgdt LOADED(boot_gdtr)
    ljmp $CODE64, $LOADED(1f)

    .code64
1:  movabsq $2f, %rax
    jmp *%rax
2:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    leaq boot_stack_top(%rip), %rsp
    movl %esi, %edx
    movl %ebp, %edi
    movl %ebx, %esi
    xorl %ebp, %ebp
    call shim_start
    ud2

    .section .rodata
    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
boot_gdtr:
    .short boot_gdtr - boot_gdt - 1
    .quad LOADED(boot_gdt)

    .bss
    .balign 4096
    .globl boot_root
    .hidden boot_root
boot_root:
    .skip 4096
page_pointers:
    .skip 4096
shim_pointers:
    .skip 4096
shim_directory:
    .skip 4096
page_directories:
    .skip 4 * 4096
    .skip BOOT_STACK_BYTES
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
