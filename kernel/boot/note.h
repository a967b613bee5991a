/* SPDX-License-Identifier: MIT */
/*
 * ELF notes by which an image tells Xen, and PVH loaders, how to start it.
 * Read by assembly only.
 *
 * Source: Xen xen/include/public/elfnote.h.
 */
#ifndef PVK_BOOT_NOTE_H
#define PVK_BOOT_NOTE_H

#define XEN_ELFNOTE_ENTRY              1
#define XEN_ELFNOTE_HYPERCALL_PAGE     2
#define XEN_ELFNOTE_VIRT_BASE          3
#define XEN_ELFNOTE_PADDR_OFFSET       4
#define XEN_ELFNOTE_XEN_VERSION        5
#define XEN_ELFNOTE_GUEST_OS           6
#define XEN_ELFNOTE_LOADER             8
#define XEN_ELFNOTE_FEATURES           10
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17
#define XEN_ELFNOTE_PHYS32_ENTRY       18

/* What XEN_ELFNOTE_GUEST_OS says. */
#ifndef BOOT_NAME
#define BOOT_NAME "pvk"
#endif

/* clang-format off */
.macro NOTE type, value:vararg
    .section .note.Xen, "a", @note
    .balign 4
    .long 4
    .long 2f - 1f
    .long \type
    .asciz "Xen"
1:  \value
2:
.endm
/* clang-format on */

#endif /* PVK_BOOT_NOTE_H */
