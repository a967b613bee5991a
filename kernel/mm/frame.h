/* SPDX-License-Identifier: MIT */
/*
 * How many entries of page tables point to each page of RAM: of the programs'
 * tables, and of their data.
 *
 * A page that is shared is in the tree of several spaces, or once in a table
 * that is itself shared. A page goes back to core/pages.c when the last entry
 * is gone, and not before frame_return(): what a batch holds back may still be
 * about it.
 */
#ifndef PVK_MM_FRAME_H
#define PVK_MM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvops/types.h>

#include "arch/layout.h"
#include "core/pages.h"

struct frame {
    uint32_t next;    /* on its way to core/pages.c */
    uint16_t holders; /* entries that point to it; a root has none */
    /* Of a table: its entries that are not 0, and where: between those. */
    uint16_t held, first, last;
    /*
     * Of a table: entries in it may have a write bit that they should not. No
     * entry above it has one, on no way to it.
     */
    bool stale;
};

extern struct frame frames[LAYOUT_DIRECT_END / PAGE_BYTES];

static inline struct frame *frame_at(pvops_paddr paddr)
{
    return &frames[paddr / PAGE_BYTES];
}

static inline struct frame *frame_of(const void *page)
{
    return frame_at(layout_paddr(page));
}

/* A new table: no entries. */
static inline void frame_begin_table(struct frame *frame, uint16_t holders)
{
    *frame = (struct frame){ .holders = holders, .first = UINT16_MAX };
}

/* An entry that was 0 is not any more, and the other way round. */
static inline void frame_add_entry(struct frame *frame, unsigned index)
{
    frame->held++;
    if (index < frame->first)
        frame->first = (uint16_t)index;
    if (index > frame->last)
        frame->last = (uint16_t)index;
}

static inline void frame_remove_entry(struct frame *frame, unsigned index)
{
    if (!--frame->held) {
        frame->first = UINT16_MAX;
        frame->last = 0;
    } else if (index == frame->first) {
        frame->first++;
    } else if (index == frame->last) {
        frame->last--;
    }
}

/* Nobody needs this page any more. */
void frame_discard(struct frame *frame);

/* One entry less that points to this page of data. */
static inline void frame_put(struct frame *frame)
{
    if (!--frame->holders)
        frame_discard(frame);
}

/* What was discarded goes to core/pages.c. Context: after end_batch(). */
void frame_return(void);

/*
 * Pages set aside, so that work that was begun can be finished: not zeroed.
 * They are a list that runs through the pages.
 */
struct reserve {
    void *first;
};

/* False, and nothing set aside, if there are not that many. */
bool reserve_fill(struct reserve *reserve, size_t pages);
/* There is one: it was asked for. */
void *reserve_take(struct reserve *reserve);
/* Those that were not needed go back. */
void reserve_drop(struct reserve *reserve);

#endif /* PVK_MM_FRAME_H */
