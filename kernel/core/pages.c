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

enum { MOST_RANGES = 32, PAIR_BYTES = 2 * PAGE_BYTES, MOST_PAIRS = 16 };

struct range {
    uintptr_t next, end;
};

static struct range ranges[MOST_RANGES];
static size_t range_count;
static void *returned; /* the first word of each is the next one */
static size_t left, total;

/* Set aside; they count as left. */
static void *pairs[MOST_PAIRS];
static size_t pair_count;

/* Whether a page is in the list, or in a pair that is set aside. */
static bool is_returned[LAYOUT_DIRECT_END / PAGE_BYTES];

static uintptr_t pair_other(const void *page)
{
    return (uintptr_t)page ^ PAGE_BYTES;
}

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
    total += (end - base) / PAGE_BYTES;
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

static void put_in_list(void *page)
{
    is_returned[number_of(page)] = true;
    *(void **)page = returned;
    returned = page;
}

/* Both pages into the list; neither is among those that are left. */
static void break_pair(void)
{
    uint8_t *pair = pairs[--pair_count];

    put_in_list(pair + PAGE_BYTES);
    put_in_list(pair);
}

void *page_alloc_raw(void)
{
    void *page = returned;

    if (!page) {
        page = take_fresh();
        if (page || !pair_count)
            return page;
        break_pair();
        page = returned;
    }
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

/* The newest of the list, if the next is the other one of its pair. */
static void set_aside(void *page)
{
    void *other = *(void **)page;

    if (pair_count == MOST_PAIRS || (uintptr_t)other != pair_other(page))
        return;
    returned = *(void **)other;
    pairs[pair_count++] = (void *)((uintptr_t)page & (uintptr_t)other);
}

void page_free(void *page)
{
    if (is_returned[number_of(page)])
        panic("the page at %p came back twice", page);
    left++;
    put_in_list(page);
    set_aside(page);
}

static void *take_fresh_pair(void)
{
    for (size_t i = 0; i < range_count; i++) {
        struct range *range = &ranges[i];
        uintptr_t pair =
            (range->next + PAIR_BYTES - 1) & ~(uintptr_t)(PAIR_BYTES - 1);

        if (pair >= range->end || range->end - pair < PAIR_BYTES)
            continue;
        if (range->next != pair)
            put_in_list((void *)range->next);
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

static void *take_pair_aside(void)
{
    uint8_t *pair;

    if (!pair_count)
        return NULL;
    pair = pairs[--pair_count];
    is_returned[number_of(pair)] = false;
    is_returned[number_of(pair + PAGE_BYTES)] = false;
    left -= 2;
    return pair;
}

/* Once, when the first pair is asked for. */
static void set_first_aside(void)
{
    static bool done;
    uint8_t *pair;

    if (done)
        return;
    done = true;
    while (pair_count < MOST_PAIRS && (pair = take_fresh_pair())) {
        is_returned[number_of(pair)] = true;
        is_returned[number_of(pair + PAGE_BYTES)] = true;
        pairs[pair_count++] = pair;
        left += 2;
    }
}

void *pages_alloc_adjacent(unsigned count)
{
    void *pair;

    if (count == 1)
        return page_alloc();
    set_first_aside();
    pair = take_returned_pair();
    if (!pair)
        pair = take_fresh_pair();
    if (!pair)
        pair = take_pair_aside();
    return pair ? memset(pair, 0, PAIR_BYTES) : NULL;
}

size_t pages_left(void)
{
    return left;
}

size_t pages_total(void)
{
    return total;
}
