/* SPDX-License-Identifier: MIT */
/*
 * pvk's addresses. Read by assembly and by the linker script too.
 *
 *   LAYOUT_DIRECT       RAM, up to LAYOUT_DIRECT_END at most, the kernel's
 *                       image included: at its own address on i386, on x86-64
 *                       in the highest 2 GiB; page 0 is left out
 *   LAYOUT_EARLY        what window_map() gave out before paging_setup(): at
 *                       its own address on i386; not in a Xen PV domain, where
 *                       it lies in the direct map
 *   LAYOUT_WINDOW       what pvops_host_map() maps
 *   LAYOUT_TEXT_ALIAS   pvops_host_text(): two pages
 *   LAYOUT_SCRATCH      pages that the self-checks map
 *   LAYOUT_HEAP         core/heap.c
 *   LAYOUT_STACKS       x86-64: kernel stacks of processes
 *
 * On x86-64 the lower half, 47 bits, is the programs'. All but LAYOUT_EARLY lie
 * within 2 GiB, so that a direct call reaches from everywhere to everywhere;
 * Xen puts a PV domain's memory at LAYOUT_DIRECT, as the image's notes ask; it
 * lets the domain have slot 272 of a root and all above it (xen/include/public/
 * arch-x86/xen-x86_64.h). On i386 they are above what PCs use for RAM in the
 * first 3.5 GiB.
 */
#ifndef PVK_ARCH_LAYOUT_H
#define PVK_ARCH_LAYOUT_H

/*
 * Physical: as much as is used if nothing else is said, and as much as can be.
 * The entry code maps the first 1 GiB; what is known of each page is kept in
 * arrays.
 */
#define LAYOUT_DIRECT_LEAST 0x04000000 /* 64 MiB */
#ifdef __x86_64__
#define LAYOUT_DIRECT_END 0x18000000 /* 384 MiB */
#else
#define LAYOUT_DIRECT_END LAYOUT_DIRECT_LEAST
#endif

/* A kernel on this start-up may be elsewhere: tests/guest is all at 0. */
#ifndef LAYOUT_DIRECT
#ifdef __x86_64__
#define LAYOUT_DIRECT 0xffffffff80000000
#define LAYOUT_EARLY  0xffff880000000000
#else
#define LAYOUT_DIRECT 0
#define LAYOUT_EARLY  0
#endif
#endif

#ifdef __x86_64__
#define LAYOUT_OWN 0xffffffffc0000000
#else
#define LAYOUT_OWN 0xe0000000
#endif

#define LAYOUT_WINDOW       (LAYOUT_OWN + 0x00000000)
#define LAYOUT_WINDOW_BYTES 0x04000000
#define LAYOUT_TEXT_ALIAS   (LAYOUT_OWN + 0x04000000)
#define LAYOUT_SCRATCH      (LAYOUT_OWN + 0x05000000)
#define LAYOUT_HEAP         (LAYOUT_OWN + 0x08000000)
#define LAYOUT_HEAP_BYTES   0x01000000
#define LAYOUT_STACKS       (LAYOUT_OWN + 0x0c000000)
#define LAYOUT_STACKS_BYTES 0x04000000
#define LAYOUT_OWN_BYTES    0x10000000

#ifndef __ASSEMBLER__
#include <stdint.h>

#include <pvops/types.h>

/* Where the page of RAM at 'paddr' is in the direct map, and back. */
static inline void *layout_va(pvops_paddr paddr)
{
    return (void *)((uintptr_t)LAYOUT_DIRECT + (uintptr_t)paddr);
}

static inline pvops_paddr layout_paddr(const void *va)
{
    return (uintptr_t)va - (uintptr_t)LAYOUT_DIRECT;
}
#endif

#endif /* PVK_ARCH_LAYOUT_H */
