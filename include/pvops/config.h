/* SPDX-License-Identifier: MIT */
/*
 * What an embedder may choose when it compiles the library and its own code.
 *
 * Both must be compiled with the same choices. Give them on the command line,
 * or in a header of yours: -DPVOPS_CONFIG_HEADER='"my_pvops_config.h"'.
 * Also read by assembly.
 */
#ifndef PVOPS_CONFIG_H
#define PVOPS_CONFIG_H

#ifdef PVOPS_CONFIG_HEADER
#include PVOPS_CONFIG_HEADER
#endif

/*
 * 1: the chapters cpu, irq and mmu go through the tables and their call sites
 * are recorded, as Xen PV and ROMs need it. 0: they are the plain native
 * instruction; there is no site, no section, and no Xen PV.
 */
#ifndef PVOPS_FULL
#define PVOPS_FULL 1
#endif

#if PVOPS_FULL != 0 && PVOPS_FULL != 1
#error "PVOPS_FULL is 0 or 1"
#endif

/*
 * 1: on bare metal, too, the rules of mmu.h are checked, and a violation panics
 * with the rule's name (docs/mmu.md). For a build to test with: it is slow, has
 * neither large nor global pages, and 16 bytes of BSS for each page of RAM that
 * it checks, from physical address 0 on: PVOPS_DEBUG_FRAMES of them.
 */
#ifndef PVOPS_DEBUG_MMU
#define PVOPS_DEBUG_MMU 0
#endif

#ifndef PVOPS_DEBUG_FRAMES
#define PVOPS_DEBUG_FRAMES 65536
#endif

#if PVOPS_DEBUG_MMU && !PVOPS_FULL
#error "PVOPS_DEBUG_MMU needs PVOPS_FULL"
#endif

/*
 * 1: a backend may come as a ROM at boot (rom.h). The kernel's owner still
 * decides, by pvops_setup_options.rom and pvops_host_rom(). On x86-64 it costs
 * 4 KiB for each CPU.
 */
#ifndef PVOPS_VMI
#define PVOPS_VMI (PVOPS_FULL && !PVOPS_DEBUG_MMU)
#endif

#if PVOPS_VMI && (!PVOPS_FULL || PVOPS_DEBUG_MMU)
#error "PVOPS_VMI needs PVOPS_FULL, and not PVOPS_DEBUG_MMU"
#endif

/*
 * 1: xen_pv calls libxenshim.a, which is linked into the kernel, in the place
 * of a Xen beneath it (docs/shim.md).
 */
#ifndef PVOPS_XENSHIM
#define PVOPS_XENSHIM 0
#endif

#if PVOPS_XENSHIM && (!PVOPS_FULL || !defined(__x86_64__))
#error "PVOPS_XENSHIM needs PVOPS_FULL, and x86-64"
#endif

/*
 * The most CPUs that can be set up, a multiple of 64; their indexes are below
 * it. Each costs two pointers, and 1 bit in every CPU's struct pvops_cpu.
 */
#ifndef PVOPS_MAX_CPUS
#define PVOPS_MAX_CPUS 64
#endif

#if PVOPS_MAX_CPUS < 64 || PVOPS_MAX_CPUS > 4096 || PVOPS_MAX_CPUS % 64 != 0
#error "PVOPS_MAX_CPUS is 64 to 4096, a multiple of 64"
#endif

/*
 * Where this CPU's struct pvops_cpu is: PVOPS_CPU_OFFSET bytes from the base
 * of this segment register. Both are constants of the whole image; the struct
 * is a member of your own per-CPU area, at a multiple of 64 bytes.
 */
#ifndef PVOPS_CPU_SEGMENT
#ifdef __x86_64__
#define PVOPS_CPU_SEGMENT gs
#else
#define PVOPS_CPU_SEGMENT fs
#endif
#endif

#ifndef PVOPS_CPU_OFFSET
#define PVOPS_CPU_OFFSET 0
#endif

#endif /* PVOPS_CONFIG_H */
