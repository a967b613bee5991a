/* SPDX-License-Identifier: MIT */
/*
 * shim.elf: the flat image of the shim as an ELF32, because QEMU takes nothing
 * else with a Multiboot1 header. Its first bytes are the entry code of 32 bits
 * (entry.S), the headers come in front of it.
 *
 * Source: Multiboot specification 0.6.96, 3.1; Multiboot2 specification 2.0,
 *         3.1; Xen 4.17 xen/include/public/elfnote.h (PHYS32_ENTRY).
 */
#include "layout.h"

#define MULTIBOOT1_MAGIC 0x1badb002
#define MULTIBOOT1_FLAGS 3 /* modules at whole pages; a map of memory */
#define MULTIBOOT2_MAGIC 0xe85250d6

#define XEN_ELFNOTE_PHYS32_ENTRY 18

    .section .image, "awx"
image:
    .incbin SHIM_IMAGE
image_end:

    .section .headers, "a"
    .balign 4
    .long MULTIBOOT1_MAGIC, MULTIBOOT1_FLAGS
    .long -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)
    .balign 8
1:  .long MULTIBOOT2_MAGIC, 0, 2f - 1b
    .long -(MULTIBOOT2_MAGIC + (2f - 1b))
    .short 0, 0
    .long 8
2:

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .globl shim_entry_pvh
    .long shim_entry_pvh

    .section .note.GNU-stack, "", @progbits
