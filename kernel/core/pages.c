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

#include "arch/layout.h"
#include "core/log.h"

enum { MOST_RANGES = 32, PAIR_BYTES = 2 * PAGE_BYTES };

struct range {
    uintptr_t next, end;
};

static struct range ranges[MOST_RANGES];
static size_t range_count;
static void *returned; /* the first word of each is the next one */
static size_t left;

/* Whether a page is in the list. */
static bool is_returned[LAYOUT_DIRECT_END / PAGE_BYTES];

static size_t number_of(const void *page)
{
    return (size_t)layout_paddr(page) / PAGE_BYTES;
}

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

static void *take_fresh(void)
{
    for (size_t i = 0; i < range_count; i++) {
        struct range *range = &ranges[i];
        void *page = (void *)range->next;

        if (range->next == range->end)
            continue;
        range->next += PAGE_BYTES;
        left--;
        return page;
    }
    return NULL;
}

void *page_alloc_raw(void)
{
    void *page = returned;

    if (!page)
        return take_fresh();
    returned = *(void **)page;
    is_returned[number_of(page)] = false;
    left--;
    return page;
}

void *page_alloc(void)
{
    void *page = page_alloc_raw();

    return page ? memset(page, 0, PAGE_BYTES) : NULL;
}

void page_free(void *page)
{
    if (is_returned[number_of(page)])
        panic("the page at %p came back twice", page);
    is_returned[number_of(page)] = true;
    *(void **)page = returned;
    returned = page;
    left++;
}

static void *take_fresh_pair(void)
{
    for (size_t i = 0; i < range_count; i++) {
        struct range *range = &ranges[i];
        uintptr_t pair =
            (range->next + PAIR_BYTES - 1) & ~(uintptr_t)(PAIR_BYTES - 1);

        if (pair >= range->end || range->end - pair < PAIR_BYTES)
            continue;
        if (range->next != pair) {
            left--;
            page_free((void *)range->next);
        }
        range->next = pair + PAIR_BYTES;
        left -= 2;
        return (void *)pair;
    }
    return NULL;
}

/* Out of the middle of the list. */
static void take_out(const void *page)
{
    void **link = &returned;

    while (*link != page)
        link = (void **)*link;
    *link = *(void **)*link;
    is_returned[number_of(page)] = false;
    left--;
}

static void *take_returned_pair(void)
{
    for (void *page = returned; page; page = *(void **)page) {
        uintptr_t first = (uintptr_t)page & ~(uintptr_t)(PAIR_BYTES - 1);

        if (!is_returned[number_of((void *)first)] ||
            !is_returned[number_of((void *)(first + PAGE_BYTES))])
            continue;
        take_out((void *)first);
        take_out((void *)(first + PAGE_BYTES));
        return (void *)first;
    }
    return NULL;
}

void *pages_alloc_adjacent(unsigned count)
{
    void *pair;

    if (count == 1)
        return page_alloc();
    pair = take_returned_pair();
    if (!pair)
        pair = take_fresh_pair();
    return pair ? memset(pair, 0, PAIR_BYTES) : NULL;
}

size_t pages_left(void)
{
    return left;
}
