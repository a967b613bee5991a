/* SPDX-License-Identifier: MIT */
/*
 * Pages of RAM: given out one by one, taken back.
 */
#ifndef PVK_CORE_PAGES_H
#define PVK_CORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES = 4096 };

/*
 * Let [base, end) be given out: RAM that is mapped at its own address, and
 * that nobody uses. Parts of pages at its ends are left out.
 */
void pages_add(uintptr_t base, uintptr_t end);

/* A page, zeroed, or NULL. */
void *page_alloc(void);
void page_free(void *page);

/* How many are there to be had. */
size_t pages_left(void);

#endif /* PVK_CORE_PAGES_H */
