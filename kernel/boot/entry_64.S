/* SPDX-License-Identifier: MIT */
/*
 * Every way into the 64-bit image: PVH, Multiboot2, Xen PV. All end in
 * kernel_start(door, info, magic), on a stack, with memory mapped as
 * arch/layout.h says: the first 1 GiB at LAYOUT_DIRECT, the first 4 GiB at
 * LAYOUT_EARLY and, until pvk has tables of its own, at their own address; or
 * under Xen PV at LAYOUT_DIRECT what its builder mapped.
 *
 * The image is linked LAYOUT_DIRECT above where it is loaded. GRUB subtracts
 * that from ELF's e_entry by the segment in which it lies; the header's entry
 * tag tells others. PVH's entry is physical, Xen PV's is not.
 *
 * BOOT_NAME and LAYOUT_DIRECT are another kernel's to set on the command line.
 *
 * Xen's builder is not told that it may leave a PV domain's module unmapped
 * (XEN_ELFNOTE_MOD_START_PFN): it may hold the ROM without which there is no op
 * that could map it.
 *
 * Source: Xen xen/include/public/elfnote.h; Xen docs/misc/pvh.pandoc (register
 *         state at entry); Multiboot2 specification 2.0, 3.1 and 3.3.
 */
#include "arch/layout.h"
#include "boot/doors.h"
#include "boot/note.h"

#define MULTIBOOT2_HEADER_MAGIC 0xe85250d6
#define MULTIBOOT2_ARCH_I386    0
#define MULTIBOOT2_TAG_ENTRY    3

/* XENFEAT_dom0, by name in FEATURES and by bit in SUPPORTED_FEATURES. */
#define XENFEAT_DOM0 (1 << 11)

#define CR0_WP   (1 << 16)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define EFER     0xc0000080
#define EFER_LME (1 << 8)

#define PAGE_PRESENT_WRITE 0x03
#define PAGE_LARGE         0x80

#define ENTRY_BYTES 8 /* of a page table */

/* Bits of an address that choose an entry of level 4, and of level 3. */
#define SLOT4(address) ((address) >> 39 & 511)
#define SLOT3(address) ((address) >> 30 & 511)

#define BOOT_STACK_BYTES 32768

/* Where something of the image is while there is no paging. */
#define PHYSICAL(symbol) ((symbol) - LAYOUT_DIRECT)

#define CODE64 0x08
#define DATA   0x10

/* With libxenshim.a, as under Xen, there is no other way in: PVK_XENSHIM. */
#ifndef PVK_XENSHIM
    .section .multiboot, "a"
    .balign 8
multiboot2_header:
    .long MULTIBOOT2_HEADER_MAGIC
    .long MULTIBOOT2_ARCH_I386
    .long multiboot2_header_end - multiboot2_header
    .long -(MULTIBOOT2_HEADER_MAGIC + MULTIBOOT2_ARCH_I386 + \
            (multiboot2_header_end - multiboot2_header))
    /* Tags: type, flags, size. */
    .short MULTIBOOT2_TAG_ENTRY, 0
    .long 12
    .long PHYSICAL(entry_multiboot)
    .balign 8
    .short 0, 0
    .long 8
multiboot2_header_end:
#endif

    NOTE XEN_ELFNOTE_GUEST_OS, .asciz BOOT_NAME
    NOTE XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    NOTE XEN_ELFNOTE_LOADER, .asciz "generic"
    NOTE XEN_ELFNOTE_VIRT_BASE, .quad LAYOUT_DIRECT
    NOTE XEN_ELFNOTE_PADDR_OFFSET, .quad 0
    NOTE XEN_ELFNOTE_ENTRY, .quad entry_xen_pv
    NOTE XEN_ELFNOTE_FEATURES, .asciz "dom0"
    NOTE XEN_ELFNOTE_SUPPORTED_FEATURES, .long XENFEAT_DOM0
#ifndef PVK_XENSHIM
    NOTE XEN_ELFNOTE_PHYS32_ENTRY, .quad PHYSICAL(entry_pvh)
#endif

    .text
    .code32

/* EBX: struct hvm_start_info. */
    .globl entry_pvh
entry_pvh:
    movl $DOOR_PVH, %ebp
    jmp enter_long_mode

/* EBX: Multiboot2 information; EAX: the loader's magic, checked in C. */
    .globl entry_multiboot
entry_multiboot:
    movl $DOOR_MULTIBOOT2, %ebp

/* 32-bit, flat, no paging; EBP: door, EBX: what the loader handed over. */
enter_long_mode:
    cli
    cld
    movl $PHYSICAL(stack_top), %esp
    movl %eax, %edx

    /* Four page directories of 2 MiB pages: the first 4 GiB. */
    movl $PHYSICAL(page_directories), %edi
    movl $(PAGE_PRESENT_WRITE | PAGE_LARGE), %eax
    movl $2048, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $0x200000, %eax
    loop 1b

    /* All four at their own address and at LAYOUT_EARLY. */
    movl $PHYSICAL(page_directories), %eax
    orl $PAGE_PRESENT_WRITE, %eax
    movl %eax, PHYSICAL(page_pointers_high) + SLOT3(LAYOUT_DIRECT) * ENTRY_BYTES
    movl $PHYSICAL(page_pointers), %edi
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $ENTRY_BYTES, %edi
    addl $0x1000, %eax
    loop 1b

    /* The own address comes last: LAYOUT_DIRECT may be 0. */
    movl $PHYSICAL(page_pointers_high), %eax
    orl $PAGE_PRESENT_WRITE, %eax
    movl %eax, PHYSICAL(page_root) + SLOT4(LAYOUT_DIRECT) * ENTRY_BYTES
    movl $PHYSICAL(page_pointers), %eax
    orl $PAGE_PRESENT_WRITE, %eax
    movl %eax, PHYSICAL(page_root)
    movl %eax, PHYSICAL(page_root) + SLOT4(LAYOUT_EARLY) * ENTRY_BYTES

    movl %edx, %esi
    movl $PHYSICAL(page_root), %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl %cr0, %eax
    orl $(CR0_PG | CR0_WP), %eax
    movl %eax, %cr0

    lgdt PHYSICAL(boot_gdt)
    ljmp $CODE64, $PHYSICAL(1f)

    .code64
1:  movq $2f, %rax
    jmp *%rax
2:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movq $stack_top, %rsp
    movl %esi, %edx /* loader's magic */
    movl %ebp, %edi
    movl %ebx, %esi
    xorl %ebp, %ebp
    call kernel_start
    ud2

/* Xen runs us in ring 3, paged and segmented. RSI: struct start_info. */
    .globl entry_xen_pv
entry_xen_pv:
    cld
    movq $stack_top, %rsp
    movl $DOOR_XEN_PV, %edi
    xorl %edx, %edx
    xorl %ebp, %ebp
    call kernel_start
    ud2

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9a000000ffff /* CODE64 */
    .quad 0x00cf92000000ffff /* DATA */
    .quad 0x00cf9a000000ffff /* CODE32, of the way back: restart_64.S */
    .globl boot_gdt
boot_gdt:
    .short boot_gdt - gdt - 1
    .quad PHYSICAL(gdt) /* of which 32-bit mode takes the half */

    .bss
    .balign 4096
    .globl page_root
page_root:
    .skip 4096
page_pointers:
    .skip 4096
page_pointers_high:
    .skip 4096
page_directories:
    .skip 4 * 4096
    .globl boot_stack
boot_stack:
    .skip BOOT_STACK_BYTES
    .globl stack_top
stack_top:

    .section .note.GNU-stack, "", @progbits
