/* SPDX-License-Identifier: MIT */
/*
 * libxenshim.a: what is linked into a kernel. The shim itself is an image that
 * is linked where Xen would be, as shim.elf's; here are its bytes, room for it,
 * the headers and the entry for loaders, and the way of a hypercall into it.
 *
 * XENSHIM_IMAGE, XENSHIM_MEMORY and XENSHIM_CALL are that image's file, bytes
 * with BSS, and where hypercall_entry is in it. No label is global that is not
 * documented (docs/shim.md).
 *
 * Source: Multiboot2 specification 2.0, 3.1 and 3.3; Xen 4.17
 *         xen/include/public/elfnote.h (PHYS32_ENTRY); docs/misc/pvh.pandoc.
 */
#include "boot/doors.h"
#include "layout.h"

#define MULTIBOOT2_MAGIC     0xe85250d6
#define MULTIBOOT2_TAG_ENTRY 3

#define XEN_ELFNOTE_PHYS32_ENTRY 18

    .section .multiboot, "a"
    .balign 8
1:  .long MULTIBOOT2_MAGIC, 0, 2f - 1b
    .long -(MULTIBOOT2_MAGIC + (2f - 1b))
    .short MULTIBOOT2_TAG_ENTRY, 0
    .long 12
    .long xenshim_entry_physical
    .balign 8
    .short 0, 0
    .long 8
2:

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad xenshim_entry_physical

    .section .text.xenshim, "ax"
    .code32
    .balign 16
    .globl xenshim_entry
    .type xenshim_entry, @function
xenshim_entry:
/* EAX: Multiboot2's magic, or anything; EBX: the loader's information. */
entry:
    cli
    cld
    movl $DOOR_MULTIBOOT2, %ebp
    cmpl $0x36d76289, %eax
    je 1f
    movl $DOOR_PVH, %ebp
1:  movl %eax, %edx
    movl $xenshim_entry_physical, %eax
    leal (image - entry)(%eax), %esi
    leal (memory - entry)(%eax), %edi
    movl $((image_end - image + 3) / 4), %ecx
    rep movsl
    movl %edx, %esi
    leal (about - entry)(%eax), %edx
    leal (memory - entry)(%eax), %edi
    jmp *%edi
    .size xenshim_entry, . - xenshim_entry

    .code64
    .balign 16
    .globl xenshim_hypercall
    .type xenshim_hypercall, @function
xenshim_hypercall:
    movabs $(SHIM_TEXT + XENSHIM_CALL), %r11
    jmp *%r11
    .size xenshim_hypercall, . - xenshim_hypercall

    .section .rodata.xenshim, "a"
    .balign 16
image:
    .incbin XENSHIM_IMAGE
image_end:
    .balign 8
/* struct ring0_image */
about:
    .quad about
    .quad xenshim_image_begin, xenshim_image_end
    .quad xenshim_notes_begin, xenshim_notes_end

    .section .bss.xenshim, "aw", @nobits
    .balign 4096
memory:
    .skip XENSHIM_MEMORY

    .section .note.GNU-stack, "", @progbits
