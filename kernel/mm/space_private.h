/* SPDX-License-Identifier: MIT */
/*
 * What an address space is made of.
 */
#ifndef PVK_MM_SPACE_PRIVATE_H
#define PVK_MM_SPACE_PRIVATE_H

#include "arch/cpu.h"
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

/*
 * Whether this CPU uses it. No other does while it is changed: a process has
 * one CPU, and who lends its space to a vfork() waits; a CPU that has nothing
 * to do is on the kernel's own root. What a CPU knew of the space when it left
 * it, it forgot then: there are no ASIDs, and no global pages of programs.
 */
static inline bool space_is_active(const struct space *space)
{
    return space == this_cpu()->space;
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
