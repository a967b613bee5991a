/* SPDX-License-Identifier: MIT */
/*
 * Pages of RAM in the direct map: given out one by one, taken back.
 */
#ifndef PVK_CORE_PAGES_H
#define PVK_CORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES = 4096 };

/*
 * Let [base, end) be given out: RAM in the direct map that nobody uses. Parts
 * of pages at its ends are left out.
 */
void pages_add(uintptr_t base, uintptr_t end);

/*
 * A page, zeroed or as it is, or NULL. layout_paddr() tells its physical
 * address.
 */
void *page_alloc(void);
void *page_alloc_raw(void);
void page_free(void *page);

/*
 * One or two pages, zeroed: two begin at a multiple of their size. NULL: there
 * are none side by side, even if many are left. They come back one by one.
 *
 * Under Xen PV a root is two pages, one behind the other, so what programs keep
 * can make a fork() fail with pages left. Against that some pairs are set
 * aside: page_alloc() takes from them when nothing else is left.
 */
void *pages_alloc_adjacent(unsigned count);

/* How many are there to be had, and how many pages_add() was given. */
size_t pages_left(void);
size_t pages_total(void);

#endif /* PVK_CORE_PAGES_H */
