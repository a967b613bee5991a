/* SPDX-License-Identifier: MIT */
/*
 * The loader's modules: kernel.boot.modules, as bytes.
 *
 * Where they are is kernel.boot's to tell (boot/boot.h): checked to lie in
 * RAM, apart from the kernel and from one another, and never given out by
 * core/pages.c.
 */
#ifndef PVK_CORE_MODULES_H
#define PVK_CORE_MODULES_H

#include <stddef.h>

/*
 * The bytes of module 'index'; they stay mapped. NULL if there is no such
 * module, or no room to map it: beyond the direct map all of them together
 * have less than LAYOUT_WINDOW_BYTES; on i386 they lie below 4 GiB.
 *
 * Context: after paging_setup().
 */
const void *modules_map(size_t index, size_t *out_bytes);

/* A line for each: its size, its place, and what cksum(1) says of it. */
void modules_describe(void);

#endif /* PVK_CORE_MODULES_H */
