/* SPDX-License-Identifier: MIT */
/*
 * Mappings for libpvops, behind pvops_host_map() and pvops_host_text().
 */
#ifndef PVK_ARCH_WINDOW_H
#define PVK_ARCH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvops/host.h>

#include "boot/boot.h"

/*
 * Until paging_setup(): memory that the entry code, or Xen's builder, mapped
 * is given out where it is; paging_setup() keeps it there.
 * 'least_end': up to there it is mapped in any case.
 */
void window_setup(const struct boot *boot, uint64_t least_end);

/* Xen PV: where the padding that is still free ends. */
uint64_t window_early_end(void);

/* The ranges that were given out so; at most WINDOW_EARLY. */
enum { WINDOW_EARLY = 64 };
extern struct boot_range window_early[WINDOW_EARLY];
extern size_t window_early_count;

void *window_map(pvops_paddr paddr, size_t bytes, enum pvops_map how);
void *window_text(const void *text, size_t bytes);

#endif /* PVK_ARCH_WINDOW_H */
