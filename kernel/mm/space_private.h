/* SPDX-License-Identifier: MIT */
/*
 * What an address space is made of.
 */
#ifndef PVK_MM_SPACE_PRIVATE_H
#define PVK_MM_SPACE_PRIVATE_H

#include "mm/area.h"
#include "mm/entry.h"
#include "mm/space.h"
#include "mm/tree.h"

struct space {
    struct areas areas;
    pvops_pte *root; /* given to the library, in the direct map */
    uint64_t brk_start, brk_end;
    /* fault.c: the last row of pages made: where it ended, how many. */
    uint64_t row_end;
    unsigned row_pages;
    /* A table of level 1 that write bits lead to, and where; or NULL. */
    pvops_pte *near_table;
    uint64_t near_base;
    struct space *next; /* ready to be used again */
};

/* The one that the CPU uses; NULL: the kernel's own root. */
extern struct space *space_active_one;

static inline bool space_is_active(const struct space *space)
{
    return space == space_active_one;
}

/* tree_begin() for it. Ways that were known may change. */
static inline void space_begin(struct space *space, struct tree_work *work)
{
    space->near_table = NULL;
    tree_begin(work, &space->areas, space->root);
}

/* ready.c: one without areas and with an empty root; NULL: no memory. */
struct space *space_take(void);
/* It has no areas, and its root is empty. */
void space_return(struct space *space);

/* fault.c: make the page at 'address', which 'area' allows, as if touched. */
enum space_fault space_make_page(struct space *space, const struct area *area,
                                 uint64_t address, bool write);

#endif /* PVK_MM_SPACE_PRIVATE_H */
