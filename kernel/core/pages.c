/* SPDX-License-Identifier: MIT */
/*
 * Pages of RAM.
 *
 * A range is used up from its beginning; a page that came back is kept in a
 * list that runs through the pages themselves. So no page is touched before
 * it is needed.
 */
#include "core/pages.h"

#include <string.h>

#include "core/log.h"

enum { MOST_RANGES = 32 };

struct range {
    uintptr_t next, end;
};

static struct range ranges[MOST_RANGES];
static size_t range_count;
static void *returned; /* the first word of each is the next one */
static size_t left;

void pages_add(uintptr_t base, uintptr_t end)
{
    base = (base + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
    end &= ~(uintptr_t)(PAGE_BYTES - 1);
    if (base >= end)
        return;
    if (range_count == MOST_RANGES) {
        log_line("memory at %p is left out: there are over %u pieces",
                 (void *)base, (unsigned)MOST_RANGES);
        return;
    }
    ranges[range_count++] = (struct range){ base, end };
    left += (end - base) / PAGE_BYTES;
}

static void *take(void)
{
    void *page = returned;

    if (page) {
        returned = *(void **)page;
        return page;
    }
    for (size_t i = 0; i < range_count; i++) {
        struct range *range = &ranges[i];

        if (range->next == range->end)
            continue;
        page = (void *)range->next;
        range->next += PAGE_BYTES;
        return page;
    }
    return NULL;
}

void *page_alloc(void)
{
    void *page = take();

    if (page) {
        left--;
        memset(page, 0, PAGE_BYTES);
    }
    return page;
}

void page_free(void *page)
{
    *(void **)page = returned;
    returned = page;
    left++;
}

size_t pages_left(void)
{
    return left;
}
