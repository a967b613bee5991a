/* SPDX-License-Identifier: MIT */
/*
 * Types of the notes, of owner "Xen", by which an ELF kernel tells Xen what it
 * wants. Facts only; names as in the source.
 *
 * A number has 4 or 8 bytes; Xen reads 1 and 2 as well. A text ends with a NUL;
 * Linux's FEATURES has none, and ends with its note. Of two notes of one type
 * the later holds.
 *
 * Source: Xen 4.17 xen/include/public/elfnote.h;
 *         xen/common/libelf/libelf-dominfo.c.
 */
#ifndef ABI_XEN_ELFNOTE_H
#define ABI_XEN_ELFNOTE_H

#define XEN_ELFNOTE_INFO           0 /* text */
#define XEN_ELFNOTE_ENTRY          1 /* virtual; without it e_entry */
#define XEN_ELFNOTE_HYPERCALL_PAGE 2 /* virtual */
#define XEN_ELFNOTE_VIRT_BASE      3 /* where pseudo-physical 0 is mapped */
#define XEN_ELFNOTE_PADDR_OFFSET   4 /* p_paddr less this is pseudo-physical */
#define XEN_ELFNOTE_XEN_VERSION    5 /* text, "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS       6 /* text */
#define XEN_ELFNOTE_GUEST_VERSION  7 /* text */
#define XEN_ELFNOTE_LOADER         8 /* text, "generic" */
#define XEN_ELFNOTE_PAE_MODE       9 /* text; 32-bit kernels only */
/* text: names of XENFEAT_* with a '|' between; '!' before one: required */
#define XEN_ELFNOTE_FEATURES     10
#define XEN_ELFNOTE_BSD_SYMTAB   11 /* text, "yes": load the symbols too */
#define XEN_ELFNOTE_HV_START_LOW 12 /* 32-bit kernels only */
/* pairs of 8 bytes, mask and value: which non-present entries hold an MFN */
#define XEN_ELFNOTE_L1_MFN_VALID   13
#define XEN_ELFNOTE_SUSPEND_CANCEL 14 /* not 0: a suspend may be cancelled */
#define XEN_ELFNOTE_INIT_P2M       15 /* virtual: where the p2m list goes */
/* not 0: an initrd need not be mapped */
#define XEN_ELFNOTE_MOD_START_PFN 16
/* 1u << XENFEAT_*, besides those of FEATURES; a dom0's needs XENFEAT_dom0 */
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17
#define XEN_ELFNOTE_PHYS32_ENTRY       18 /* PVH's */

#endif /* ABI_XEN_ELFNOTE_H */
