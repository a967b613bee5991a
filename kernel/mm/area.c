/* SPDX-License-Identifier: MIT */
/*
 * The areas of a program: split where a change begins and ends, merged where
 * neighbours are alike.
 */
#include "mm/area.h"

#include <string.h>

#include "core/heap.h"
#include "core/pages.h"

/* SPARE: two splits are undone in part by what is taken out or merged. */
enum { SPARE = 2, BIG_BYTES = 64 * PAGE_BYTES };

#define BLOCK_BYTES (UINT64_C(1) << 21) /* what a level-1 table maps */

void areas_setup(struct areas *areas)
{
    areas->list = areas->few;
    areas->count = 0;
    areas->room = AREAS_INLINE;
}

void areas_teardown(struct areas *areas)
{
    if (areas->list != areas->few)
        heap_free(areas->list);
    areas_setup(areas);
}

static bool grow(struct areas *areas, size_t room)
{
    struct area *list = heap_alloc(room * sizeof(*list));

    if (!list)
        return false;
    memcpy(list, areas->list, areas->count * sizeof(*list));
    if (areas->list != areas->few)
        heap_free(areas->list);
    areas->list = list;
    areas->room = room;
    return true;
}

bool areas_copy(struct areas *areas, const struct areas *from)
{
    if (from->count > areas->room && !grow(areas, from->room))
        return false;
    memcpy(areas->list, from->list, from->count * sizeof(*from->list));
    areas->count = from->count;
    return true;
}

bool areas_prepare(struct areas *areas, size_t more)
{
    size_t count = areas->count + more;

    if (more && count > AREAS_MOST)
        return false;
    return count + SPARE <= areas->room || grow(areas, areas->room * 2);
}

size_t areas_from(const struct areas *areas, uint64_t address)
{
    size_t first = 0, end = areas->count;

    while (first < end) {
        size_t middle = (first + end) / 2;

        if (areas->list[middle].end > address)
            end = middle;
        else
            first = middle + 1;
    }
    return first;
}

const struct area *areas_at(const struct areas *areas, uint64_t address)
{
    size_t index = areas_from(areas, address);

    if (index == areas->count || areas->list[index].start > address)
        return NULL;
    return &areas->list[index];
}

/* Whether an area goes across 'address'. */
static bool is_inside(const struct areas *areas, uint64_t address)
{
    const struct area *area = areas_at(areas, address);

    return area && area->start < address;
}

size_t areas_more_to_remove(const struct areas *areas, uint64_t start,
                            uint64_t end)
{
    const struct area *area = areas_at(areas, start);

    return area && area->start < start && area->end > end;
}

size_t areas_more_to_set(const struct areas *areas, uint64_t start,
                         uint64_t end)
{
    return (size_t)is_inside(areas, start) + is_inside(areas, end);
}

static void add_at(struct areas *areas, size_t index, const struct area *area)
{
    memmove(&areas->list[index + 1], &areas->list[index],
            (areas->count - index) * sizeof(*area));
    areas->list[index] = *area;
    areas->count++;
}

static void take_out(struct areas *areas, size_t index, size_t count)
{
    areas->count -= count;
    memmove(&areas->list[index], &areas->list[index + count],
            (areas->count - index) * sizeof(areas->list[0]));
}

/* Without its first 'bytes'. */
static void advance(struct area *area, uint64_t bytes)
{
    area->start += bytes;
    if (area->file_bytes > bytes) {
        area->file += bytes;
        area->file_bytes -= bytes;
    } else {
        area->file = NULL;
        area->file_bytes = 0;
    }
}

static void cut(struct area *area, uint64_t end)
{
    area->end = end;
    if (area->file_bytes > end - area->start)
        area->file_bytes = end - area->start;
}

/* No area goes across 'address' afterwards; the first one from it on. */
static size_t split(struct areas *areas, uint64_t address)
{
    size_t index = areas_from(areas, address);
    struct area behind;

    if (index == areas->count || areas->list[index].start >= address)
        return index;
    behind = areas->list[index];
    advance(&behind, address - behind.start);
    cut(&areas->list[index], address);
    add_at(areas, index + 1, &behind);
    return index + 1;
}

/* Whether 'next' goes on where 'area' ends, as one of the same kind. */
static bool goes_on(const struct area *area, const struct area *next)
{
    if (area->end != next->start || area->rights != next->rights ||
        area->apart != next->apart)
        return false;
    if (!next->file)
        return true;
    return area->file && area->file_bytes == area->end - area->start &&
           area->file + area->file_bytes == next->file;
}

/* The areas at 'first' to 'last' with their neighbours, where alike. */
static void merge(struct areas *areas, size_t first, size_t last)
{
    size_t index = last < areas->count ? last : areas->count;

    while (index-- > (first ? first - 1 : 0)) {
        struct area *area = &areas->list[index];

        if (index + 1 >= areas->count || !goes_on(area, area + 1))
            continue;
        area->end = area[1].end;
        area->file_bytes += area[1].file_bytes;
        take_out(areas, index + 1, 1);
    }
}

void areas_remove(struct areas *areas, uint64_t start, uint64_t end)
{
    size_t first = split(areas, start);

    take_out(areas, first, split(areas, end) - first);
}

void areas_insert(struct areas *areas, const struct area *area)
{
    size_t index = areas_from(areas, area->start);

    add_at(areas, index, area);
    merge(areas, index, index + 1);
}

void areas_set_rights(struct areas *areas, uint64_t start, uint64_t end,
                      unsigned rights)
{
    size_t first = split(areas, start), last = split(areas, end);

    for (size_t i = first; i < last; i++)
        areas->list[i].rights = rights;
    merge(areas, first, last);
}

bool areas_cover(const struct areas *areas, uint64_t start, uint64_t end)
{
    for (size_t i = areas_from(areas, start); i < areas->count; i++) {
        if (areas->list[i].start > start)
            return false;
        start = areas->list[i].end;
        if (start >= end)
            return true;
    }
    return false;
}

bool areas_free(const struct areas *areas, uint64_t start, uint64_t end)
{
    size_t index = areas_from(areas, start);

    return index == areas->count || areas->list[index].start >= end;
}

bool areas_is_big(uint64_t bytes)
{
    return bytes >= BIG_BYTES;
}

static uint64_t block_down(uint64_t address)
{
    return address & ~(BLOCK_BYTES - 1);
}

/* What an area keeps others from, when 'apart'. */
static uint64_t taken_from(const struct area *area, bool apart)
{
    return apart && area->apart ? block_down(area->start) : area->start;
}

static uint64_t taken_to(const struct area *area, bool apart)
{
    return apart && area->apart ? block_down(area->end + BLOCK_BYTES - 1)
                                : area->end;
}

static uint64_t find_room(const struct areas *areas, uint64_t bottom,
                          uint64_t top, uint64_t bytes, bool apart)
{
    bool blocks = apart && areas_is_big(bytes);
    size_t index = areas_from(areas, top - 1);

    /* An area across 'top' counts from its beginning on. */
    if (index < areas->count && areas->list[index].start < top)
        index++;
    for (;; index--) {
        const struct area *below = index ? &areas->list[index - 1] : NULL;
        uint64_t from = below ? taken_to(below, apart) : 0;
        uint64_t at;

        if (from < bottom)
            from = bottom;
        at = (blocks ? block_down(top) : top) - bytes;
        if (blocks)
            at = block_down(at);
        if (at >= from && at < top)
            return at;
        if (!below || below->start <= bottom)
            return 0;
        if (taken_from(below, apart) < top)
            top = taken_from(below, apart);
    }
}

uint64_t areas_find_room(const struct areas *areas, uint64_t bottom,
                         uint64_t top, uint64_t bytes)
{
    uint64_t at = find_room(areas, bottom, top, bytes, true);

    return at ? at : find_room(areas, bottom, top, bytes, false);
}
