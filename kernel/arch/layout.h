/* SPDX-License-Identifier: MIT */
/*
 * pvk's addresses.
 *
 *   RAM up to LAYOUT_DIRECT_END   at its own address, the kernel's image
 *                                 included; page 0 is left out
 *   LAYOUT_WINDOW                 what pvops_host_map() maps
 *   LAYOUT_TEXT_ALIAS             pvops_host_text(): two pages
 *   LAYOUT_HEAP                   core/heap.c
 *   LAYOUT_SCRATCH                pages that the self-checks map
 *
 * On x86-64 all lie within 2 GiB of the image, around address 0, so that a
 * direct call reaches from everywhere to everywhere; and where Xen lets a PV
 * domain be (xen/include/public/arch-x86/xen-x86_64.h). On i386 they are
 * above what PCs use for RAM in the first 3.5 GiB.
 */
#ifndef PVK_ARCH_LAYOUT_H
#define PVK_ARCH_LAYOUT_H

#include <stdint.h>

#define LAYOUT_DIRECT_END UINT32_C(0x02000000) /* 32 MiB */

#ifdef __x86_64__
#define LAYOUT_OWN UINT64_C(0xffffffffc0000000)
#else
#define LAYOUT_OWN UINT32_C(0xe0000000)
#endif

#define LAYOUT_WINDOW       (LAYOUT_OWN + 0x00000000)
#define LAYOUT_WINDOW_BYTES 0x04000000
#define LAYOUT_TEXT_ALIAS   (LAYOUT_OWN + 0x04000000)
#define LAYOUT_SCRATCH      (LAYOUT_OWN + 0x05000000)
#define LAYOUT_HEAP         (LAYOUT_OWN + 0x08000000)
#define LAYOUT_HEAP_BYTES   0x01000000
#define LAYOUT_OWN_BYTES    0x09000000

#endif /* PVK_ARCH_LAYOUT_H */
