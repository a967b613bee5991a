/* SPDX-License-Identifier: MIT */
/*
 * From archive.S, in 32 bits without paging, to shim_start(door, info, magic)
 * in 64 bits where the shim is linked. The first 4 GiB are mapped where they
 * are and at SHIM_DIRECT.
 *
 * EDI: where the image is, a page; EDX: struct ring0_image; EBP: the door, EBX:
 * the loader's information, ESI: its magic.
 */
#include "layout.h"

#define CR0_MP   (1 << 1)
#define CR0_NE   (1 << 5)
#define CR0_WP   (1 << 16)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define EFER     0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

#define PAGE_PRESENT_WRITE 0x03
#define PAGE_LARGE         0x80
#define ENTRY_BYTES        8

#define SLOT4(address) ((address) >> 39 & 511)
#define SLOT3(address) ((address) >> 30 & 511)

#define BOOT_STACK_BYTES 16384

/* Of something in the image, with its begin in EDX. */
#define AT(symbol) ((symbol) - SHIM_TEXT)(%edx)

#define CODE64 0x08
#define DATA   0x10

/* EAX: where that is. */
    .macro ADDRESS symbol:req
    leal AT(\symbol), %eax
    .endm

    .section .head, "ax"
    .code32
    .globl entry_ring0
entry_ring0:
    movl %edx, (ring0_image_at - SHIM_TEXT)(%edi)
    movl %edi, (shim_loaded - SHIM_TEXT)(%edi)
    movl %edi, %edx
    leal AT(boot_stack_top), %esp

    /* Four page directories of 2 MiB pages: the first 4 GiB. */
    leal AT(page_directories), %edi
    movl $(PAGE_PRESENT_WRITE | PAGE_LARGE), %eax
    movl $2048, %ecx
1:  movl %eax, (%edi)
    movl $0, 4(%edi)
    addl $ENTRY_BYTES, %edi
    addl $0x200000, %eax
    loop 1b

    leal AT(page_pointers), %edi
    ADDRESS page_directories + PAGE_PRESENT_WRITE
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $PAGE_BYTES, %eax
    loop 1b

    /* The shim: 2 MiB in small pages, at most. */
    leal AT(shim_pages), %edi
    leal PAGE_PRESENT_WRITE(%edx), %eax
    movl $512, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $PAGE_BYTES, %eax
    loop 1b
    ADDRESS shim_pages + PAGE_PRESENT_WRITE
    movl %eax, AT(shim_directory)
    ADDRESS shim_directory + PAGE_PRESENT_WRITE
    movl %eax, AT(shim_pointers + SLOT3(SHIM_TEXT) * ENTRY_BYTES)
    ADDRESS shim_pointers + PAGE_PRESENT_WRITE
    movl %eax, AT(boot_root + SLOT4(SHIM_TEXT) * ENTRY_BYTES)
    ADDRESS page_pointers + PAGE_PRESENT_WRITE
    movl %eax, AT(boot_root)
    movl %eax, AT(boot_root + SLOT4(SHIM_DIRECT) * ENTRY_BYTES)

    ADDRESS boot_gdt
    movl %eax, AT(boot_gdtr + 2)
    lgdt AT(boot_gdtr)
    ADDRESS boot_root
    movl %eax, %cr3
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    ADDRESS 1f
    pushl $CODE64
    pushl %eax
    movl $EFER, %ecx
    movl %edx, %edi
    rdmsr
    orl $(EFER_LME | EFER_NXE), %eax
    wrmsr
    movl %cr0, %eax
    andl $~0x6000000c, %eax /* CD, NW, TS, EM */
    orl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP), %eax
    movl %eax, %cr0
    lret

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

    .data
    .balign 8
boot_gdtr:
    .short 23
    .quad 0
    .balign 8
    .globl ring0_image_at, shim_loaded
    .hidden ring0_image_at, shim_loaded
ring0_image_at:
    .quad 0
shim_loaded:
    .quad 0

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
shim_pages:
    .skip 4096
page_directories:
    .skip 4 * 4096
    .skip BOOT_STACK_BYTES
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
