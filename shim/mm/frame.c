/* SPDX-License-Identifier: MIT */
/*
 * Uses of frames, counted.
 */
#include "mm/frame.h"

#include "abi/xen.h"
#include "mm/descriptor.h"
#include "mm/flush.h"
#include "mm/memory.h"
#include "mm/table.h"

enum { KEPT_DEVICES = 16 };

uint64_t *frames;
uint64_t frame_count;
struct lock mm_lock;

static uint64_t kept[KEPT_DEVICES];
static unsigned kept_count;

void frame_keep_device(uint64_t frame)
{
    if (kept_count < KEPT_DEVICES)
        kept[kept_count++] = frame;
}

bool frame_device_kept(uint64_t frame)
{
    for (unsigned i = 0; i < kept_count; i++) {
        if (kept[i] == frame)
            return true;
    }
    return false;
}

static bool is_table(enum frame_type type)
{
    return type >= FRAME_L1 && type <= FRAME_L4;
}

/*
 * It becomes 'type'. A TLB may still have it as writable: a store by that would
 * be unseen. Or a CPU has a paging-structure entry that leads to it, and would
 * walk what is no table of that level any more. Not if everything was flushed
 * since; the epoch wraps, for which it is flushed once too often.
 */
static void end_type(uint64_t word, enum frame_type type)
{
    enum frame_type old = frame_type(word);

    if (old != type && (old == FRAME_WRITABLE || is_table(old)) &&
        word >> FRAME_EPOCH_SHIFT == flush_epoch)
        flush_everywhere();
}

int frame_get(uint64_t frame, enum frame_type type)
{
    uint64_t word;
    int result;

    if (!frame_is_guests(frame))
        return -XEN_EINVAL;
    word = frames[frame];
    if (word & FRAME_COUNT) {
        if (frame_type(word) != type || (word & FRAME_COUNT) == FRAME_COUNT)
            return -XEN_EINVAL;
        frames[frame] = word + 1;
        return 0;
    }
    end_type(word, type);
    frames[frame] =
        (word & ~FRAME_TYPE) | (uint64_t)type << FRAME_TYPE_SHIFT | 1;
    if (type == FRAME_WRITABLE)
        return 0;
    result = type == FRAME_DESCRIPTORS ? descriptors_check(memory_frame(frame))
                                       : table_check(frame, type);
    if (result < 0)
        frames[frame] = word;
    return result;
}

static uint64_t stamped(uint64_t word)
{
    return (word & ~FRAME_EPOCH) | (uint64_t)flush_epoch << FRAME_EPOCH_SHIFT;
}

void frame_put(uint64_t frame)
{
    uint64_t word = --frames[frame];
    enum frame_type type = frame_type(word);

    if (word & FRAME_COUNT)
        return;
    if (type == FRAME_WRITABLE)
        frames[frame] = stamped(word);
    else if (is_table(type))
        table_release(frame, type);
}

/* A root has none but those of linear entries: no CPU keeps CR3's own. */
void frame_put_linked(uint64_t frame)
{
    frames[frame] = stamped(frames[frame]);
    frame_put(frame);
}

int frame_pin(uint64_t frame, enum frame_type type)
{
    int result = frame_get(frame, type);

    if (result < 0)
        return result;
    if (frames[frame] & FRAME_PINNED) {
        frame_put(frame);
        return -XEN_EINVAL;
    }
    frames[frame] |= FRAME_PINNED;
    return 0;
}

int frame_unpin(uint64_t frame)
{
    if (!frame_is_guests(frame) || !(frames[frame] & FRAME_PINNED))
        return -XEN_EINVAL;
    frames[frame] &= ~FRAME_PINNED;
    frame_put(frame);
    return 0;
}
