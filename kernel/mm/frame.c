/* SPDX-License-Identifier: MIT */
/*
 * Pages of RAM that programs use, and those on their way back.
 */
#include "mm/frame.h"

#include "core/log.h"

struct frame frames[LAYOUT_DIRECT_END / PAGE_BYTES];

static uint32_t discarded; /* a list by .next; page 0 is never in it */

void frame_discard(struct frame *frame)
{
    frame->next = discarded;
    discarded = (uint32_t)(frame - frames);
}

void frame_return(void)
{
    while (discarded) {
        struct frame *frame = &frames[discarded];
        void *page = layout_va((pvops_paddr)discarded * PAGE_BYTES);

        discarded = frame->next;
        page_free(page);
    }
}

bool reserve_fill(struct reserve *reserve, size_t pages)
{
    reserve->first = NULL;
    while (pages--) {
        void **page = page_alloc_raw();

        if (!page) {
            reserve_drop(reserve);
            return false;
        }
        *page = reserve->first;
        reserve->first = page;
    }
    return true;
}

void *reserve_take(struct reserve *reserve)
{
    void **page = reserve->first;

    if (!page)
        panic("mm: more pages are needed than were set aside");
    reserve->first = *page;
    return page;
}

void reserve_drop(struct reserve *reserve)
{
    while (reserve->first)
        page_free(reserve_take(reserve));
}
