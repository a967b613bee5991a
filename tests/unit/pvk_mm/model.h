/* SPDX-License-Identifier: MIT */
/*
 * What kernel/mm runs on here: memory in pages, a heap, and page tables behind
 * ops that check each rule of <pvops/mmu.h>; and a CPU with a TLB that forgets
 * nothing unless it is told to.
 *
 * What a table holds is not what its entries mean, as under Xen PV; a page that
 * was given is read-only for the host's CPU; and a batch, if so chosen, does
 * nothing before its end. What breaks a rule ends the test.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_PAGES = 16000, MODEL_PAGE = 4096 };

/* All memory free, nothing mapped, but the kernel's root. */
void model_setup(bool delay, unsigned root_pages);

/* The allocation after so many more fails, a page's or the heap's, and those
 * behind it; -1: none. */
extern long model_allocations;
/* Pages and pieces of the heap that are given out. */
size_t model_pages_used(void);
size_t model_heap_used(void);
/* No page to be had but these. */
void model_limit_pages(size_t free);

/* 0, or the level as which this page was given. */
unsigned model_level(uint64_t paddr);

/* What an access of the program's comes to: its byte, or NULL, a fault. */
enum model_access { MODEL_READ, MODEL_WRITE, MODEL_FETCH };
uint8_t *model_access(uint64_t address, enum model_access access);

/* How often each was done. */
struct model_counts {
    unsigned stores, root_stores, given, released, flushes, batches;
};
extern struct model_counts model_counts;

#endif /* MODEL_H */
