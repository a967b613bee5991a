/* SPDX-License-Identifier: MIT */
/*
 * Frames given back. Each free frame holds the number of the next.
 *
 * Extents of several frames are taken only where such were given back.
 */
#include "domain/balloon.h"

#include "abi/xen_memory.h"
#include "domain/domain.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"

enum { ORDERS = 10 };

#define NO_FRAME UINT64_MAX

static uint64_t free_frame[ORDERS] = { [0 ... ORDERS - 1] = NO_FRAME };
static uint64_t given;

uint64_t balloon_most(void)
{
    return domain.pages + given;
}

static void set_m2p(uint64_t frame, uint64_t value)
{
    *(volatile uint64_t *)memory_at(m2p_machine + frame * 8) = value;
}

static bool all_unused(uint64_t frame, uint64_t count)
{
    if (frame >= frame_count || count > frame_count - frame)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!frame_is_guests(frame + i) || (frames[frame + i] & FRAME_COUNT))
            return false;
    }
    return true;
}

/* The last use as writable is forgotten with the frame: see frame.c. */
static void set_owner(uint64_t frame, uint64_t count, enum frame_owner owner)
{
    for (uint64_t i = 0; i < count; i++)
        frames[frame + i] = (frames[frame + i] & ~FRAME_OWNER) |
                            (uint64_t)owner << FRAME_OWNER_SHIFT;
}

static bool give(uint64_t frame, unsigned order)
{
    uint64_t count = 1ull << order;

    if (!all_unused(frame, count))
        return false;
    set_owner(frame, count, FRAME_SHIM);
    for (uint64_t i = 0; i < count; i++)
        set_m2p(frame + i, UINT64_MAX);
    *(uint64_t *)memory_frame(frame) = free_frame[order];
    free_frame[order] = frame;
    domain.pages -= count;
    given += count;
    return true;
}

static uint64_t take(unsigned order)
{
    uint64_t frame = free_frame[order];

    if (frame == NO_FRAME)
        return NO_FRAME;
    free_frame[order] = *(const uint64_t *)memory_frame(frame);
    set_owner(frame, 1ull << order, FRAME_GUEST);
    domain.pages += 1ull << order;
    given -= 1ull << order;
    return frame;
}

bool balloon_give(uint64_t at, unsigned order)
{
    uint64_t frame;
    bool done;

    if (!guest_read64(at, &frame))
        return false;
    lock_take(&mm_lock);
    done = give(frame, order);
    lock_release(&mm_lock);
    return done;
}

bool balloon_take(uint64_t at, unsigned order, bool physmap)
{
    uint64_t pseudo = UINT64_MAX, frame;

    if (physmap && !guest_read64(at, &pseudo))
        return false;
    lock_take(&mm_lock);
    frame = take(order);
    lock_release(&mm_lock);
    if (frame == NO_FRAME)
        return false;
    for (uint64_t i = 0; physmap && i < 1ull << order; i++)
        set_m2p(frame + i, pseudo + i);
    return guest_write64(at, frame);
}

/*
 * Linux asks for it where a device needs memory without gaps. The shim has no
 * memory besides the guest's to give in exchange.
 */
long balloon_exchange(uint64_t argument)
{
    struct xen_memory_exchange exchange;

    if (!guest_read(&exchange, argument, sizeof(exchange)))
        return -XEN_EFAULT;
    return -XEN_ENOMEM;
}
