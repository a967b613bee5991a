/* SPDX-License-Identifier: MIT */
/*
 * What each frame of memory is used as, in one word. Only what the guest could
 * break for itself is counted: a table is never writable, a writable frame
 * never a table, whichever comes first.
 *
 * Xen counts references besides, because it takes memory away from a domain
 * and gives it to another; the shim has nobody to give it to.
 */
#ifndef SHIM_MM_FRAME_H
#define SHIM_MM_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "mm/lock.h"

/* FRAME_L1 to FRAME_L4 are their levels. */
enum frame_type {
    FRAME_NONE = 0,
    FRAME_L1 = 1,
    FRAME_L2 = 2,
    FRAME_L3 = 3,
    FRAME_L4 = 4,
    FRAME_DESCRIPTORS = 5, /* a page of a GDT or an LDT */
    FRAME_WRITABLE = 6,
};

enum frame_owner {
    FRAME_SHIM = 0, /* the guest may not even read it */
    FRAME_GUEST = 1,
    FRAME_IO = 2,   /* no RAM: a device's, or firmware's */
    FRAME_FREE = 3, /* kept for the guest: domain/balloon.c */
};

/* The word: uses as 'type', which is the last one's if there are none. */
#define FRAME_COUNT       0x0fffffffull
#define FRAME_PINNED      0x10000000ull /* one of the uses */
#define FRAME_TYPE_SHIFT  32
#define FRAME_TYPE        (7ull << FRAME_TYPE_SHIFT)
#define FRAME_OWNER_SHIFT 36
#define FRAME_OWNER       (3ull << FRAME_OWNER_SHIFT)
/*
 * When a CPU may last have found a way to it, to write to it or to walk it as
 * a table, in numbers of flushes of everything.
 */
#define FRAME_EPOCH_SHIFT 48
#define FRAME_EPOCH       (0xffffull << FRAME_EPOCH_SHIFT)

/* One for each frame up to the end of RAM; what is behind is no RAM. */
extern uint64_t *frames;
extern uint64_t frame_count;

/* For frames and page tables, of all CPUs. */
extern struct lock mm_lock;

/* Frames of devices that are the shim's alone: the APICs. */
void frame_keep_device(uint64_t frame);
bool frame_device_kept(uint64_t frame);

static inline enum frame_type frame_type(uint64_t word)
{
    return (enum frame_type)(word >> FRAME_TYPE_SHIFT & 7);
}

static inline enum frame_owner frame_owner_of(uint64_t word)
{
    return (enum frame_owner)(word >> FRAME_OWNER_SHIFT & 3);
}

static inline enum frame_owner frame_owner(uint64_t frame)
{
    return frame < frame_count ? frame_owner_of(frames[frame]) : FRAME_IO;
}

static inline bool frame_is_guests(uint64_t frame)
{
    return frame_owner(frame) == FRAME_GUEST;
}

/* In use as what it is. */
static inline bool frame_is(uint64_t frame, enum frame_type type)
{
    return frame < frame_count && frame_type(frames[frame]) == type &&
           (frames[frame] & FRAME_COUNT);
}

/*
 * One use more as 'type'. A table is checked when it becomes one, and all that
 * it leads to. 0, or -XEN_E*: then nothing has changed.
 */
int frame_get(uint64_t frame, enum frame_type type);

/* One use less. What a table leads to loses one by the last. */
void frame_put(uint64_t frame);
/* The same of a table, by an entry of another table that has led to it. */
void frame_put_linked(uint64_t frame);

/* MMUEXT_PIN_L*_TABLE and MMUEXT_UNPIN_TABLE. */
int frame_pin(uint64_t frame, enum frame_type type);
int frame_unpin(uint64_t frame);

#endif /* SHIM_MM_FRAME_H */
