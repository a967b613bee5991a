/* SPDX-License-Identifier: MIT */
/*
 * Where the shim is: in memory, and in the slots of every root that Xen keeps
 * for itself. Also read by assembly and the linker's script.
 *
 * Source: Xen 4.17 xen/include/public/arch-x86/xen-x86_64.h (slots 256 to 271,
 *         the machine-to-physical table); xen/arch/x86/include/asm/config.h
 *         (the shim's text and direct map are where Xen's are).
 */
#ifndef SHIM_LAYOUT_H
#define SHIM_LAYOUT_H

#define PAGE_BITS  12
#define PAGE_BYTES 4096

/* Entries of a root that are the shim's, and what lies in them. */
#define SHIM_SLOT_FIRST 256
#define SHIM_SLOT_LAST  271
#define SHIM_BEGIN      0xffff800000000000
#define SHIM_END        0xffff880000000000

#define M2P_BEGIN    0xffff800000000000 /* the guest's to read */
#define SHIM_TEXT    0xffff82d080000000 /* text and data */
#define SHIM_CPUS    0xffff82d0c0000000 /* an area for each CPU */
#define SHIM_TABLES  0xffff82d0e0000000 /* a GDT and an LDT for each CPU */
#define SHIM_DEVICES 0xffff82d100000000 /* registers */
#define SHIM_DIRECT  0xffff830000000000 /* all memory */

#define SHIM_DIRECT_BYTES 0x50000000000 /* 10 slots */

/* Where the loader put it: shim.elf at a multiple of 2 MiB. */
#ifndef SHIM_RING0
#define SHIM_LOADED 0x200000
#elif !defined(__ASSEMBLER__)
extern unsigned long shim_loaded;
#define SHIM_LOADED shim_loaded
#endif

/*
 * A CPU's area: its SYSCALL stubs, a page of stack each for NMI, double faults
 * and #DB, the stack, and behind it struct vcpu. Pages between are not mapped.
 */
#define AREA_BYTES  0x10000
#define CPUS_BYTES  0x20000000
#define AREA_STUB   0x0
#define AREA_STUB32 0x40
#define AREA_NMI    0x3000 /* ends of stacks */
#define AREA_FAULT  0x5000
#define AREA_DEBUG  0x7000
#define AREA_STACK  0x8000 /* first byte */
#define AREA_VCPU   0xe000

/* A CPU's GDT, then its LDT. */
#define TABLES_BYTES 0x20000
#define TABLES_LDT   0x10000

#endif /* SHIM_LAYOUT_H */
