/* SPDX-License-Identifier: MIT */
/*
 * Free frames are found by looking at all of them: seldom, and from the lowest
 * that may be one.
 */
#include "domain/free.h"

static uint64_t lowest; /* no frame below is free */
static uint64_t count_free;

bool free_can_be(uint64_t frame, uint64_t count)
{
    if (frame >= frame_count || count > frame_count - frame)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!frame_is_guests(frame + i) || (frames[frame + i] & FRAME_COUNT))
            return false;
    }
    return true;
}

void free_set(uint64_t frame, uint64_t count, enum frame_owner owner)
{
    for (uint64_t i = 0; i < count; i++)
        frames[frame + i] = (frames[frame + i] & ~FRAME_OWNER) |
                            (uint64_t)owner << FRAME_OWNER_SHIFT;
    if (owner == FRAME_FREE) {
        count_free += count;
        if (frame < lowest)
            lowest = frame;
    } else {
        count_free -= count;
    }
}

static bool all_free(uint64_t frame, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (frame_owner(frame + i) != FRAME_FREE)
            return false;
    }
    return true;
}

uint64_t free_find(unsigned order, uint64_t end, uint64_t wish)
{
    uint64_t count = 1ull << order, at;

    if (count_free < count)
        return FREE_NONE;
    if (end > frame_count)
        end = frame_count;
    if (wish % count == 0 && wish < end && end - wish >= count &&
        all_free(wish, count))
        return wish;
    while (frame_owner(lowest) != FRAME_FREE)
        lowest++;
    at = lowest & ~(count - 1);
    for (; at < end && end - at >= count; at += count) {
        if (all_free(at, count))
            return at;
    }
    return FREE_NONE;
}
