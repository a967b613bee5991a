/* SPDX-License-Identifier: MIT */
/*
 * Frames given back and taken again.
 *
 * Source: Xen 4.17 xen/arch/x86/dom0_build.c, dom0_compute_nr_pages() (the
 *         reserve is as large as Xen's).
 */
#include "domain/balloon.h"

#include "abi/xen_memory.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "domain/free.h"
#include "mm/guest.h"
#include "mm/memory.h"

enum { RESERVE_SHARE = 16 };

#define RESERVE_MOST  ((128ull << 20) >> PAGE_BITS)
#define RESERVE_BELOW ((4ull << 30) >> PAGE_BITS)
#define NO_PSEUDO     UINT64_MAX

static uint64_t given;

/* From the top down: what is low is the kernel's first memory. */
void balloon_reserve(bool (*may_keep)(uint64_t frame))
{
    uint64_t all = 0, keep;

    for (uint64_t i = 0; i < frame_count; i++)
        all += frame_is_guests(i);
    keep = all / RESERVE_SHARE;
    if (keep > RESERVE_MOST)
        keep = RESERVE_MOST;
    for (uint64_t i = frame_count < RESERVE_BELOW ? frame_count : RESERVE_BELOW;
         i-- && keep;) {
        if (!frame_is_guests(i) || !may_keep(i))
            continue;
        free_set(i, 1, FRAME_FREE);
        keep--;
    }
}

uint64_t balloon_most(void)
{
    return domain.pages + given;
}

static void set_m2p(uint64_t frame, uint64_t value)
{
    *(volatile uint64_t *)memory_at(m2p_machine + frame * 8) = value;
}

/* While nobody else can have taken them: mm_lock is held. */
static void clear_m2p(uint64_t frame, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        set_m2p(frame + i, NO_PSEUDO);
}

bool balloon_give(uint64_t at, unsigned order)
{
    uint64_t frame, count = 1ull << order;
    bool done;

    if (!guest_read64(at, &frame))
        return false;
    lock_take(&mm_lock);
    done = free_can_be(frame, count);
    if (done) {
        free_set(frame, count, FRAME_FREE);
        clear_m2p(frame, count);
        domain.pages -= count;
        given += count;
    }
    lock_release(&mm_lock);
    return done;
}

bool balloon_take(uint64_t at, unsigned order, bool physmap)
{
    uint64_t pseudo = NO_PSEUDO, frame = FREE_NONE, count = 1ull << order;

    if (physmap && !guest_read64(at, &pseudo))
        return false;
    lock_take(&mm_lock);
    if (given >= count)
        frame = free_find(order, frame_count, FREE_NONE);
    if (frame != FREE_NONE) {
        free_set(frame, count, FRAME_GUEST);
        for (uint64_t i = 0; physmap && i < count; i++)
            set_m2p(frame + i, pseudo + i);
        domain.pages += count;
        given -= count;
    }
    lock_release(&mm_lock);
    return frame != FREE_NONE && guest_write64(at, frame);
}

/* Of an exchange: as many frames as the larger kind of extent has. */
struct piece {
    uint64_t in[1u << BALLOON_ORDER_MOST], out[1u << BALLOON_ORDER_MOST];
    uint64_t in_count, out_count;
};

/* What the guest has said twice is not its own the second time. */
static bool give_piece(struct piece *piece, unsigned order)
{
    uint64_t i, count = 1ull << order;

    for (i = 0; i < piece->in_count; i++) {
        if (!free_can_be(piece->in[i], count))
            break;
        free_set(piece->in[i], count, FRAME_FREE);
    }
    if (i == piece->in_count)
        return true;
    while (i--)
        free_set(piece->in[i], count, FRAME_GUEST);
    return false;
}

/* What it gave lies as it should often enough, and is then had again. */
static bool take_piece(struct piece *piece, unsigned order, uint64_t end)
{
    uint64_t i, count = 1ull << order;

    for (i = 0; i < piece->out_count; i++) {
        uint64_t wish = piece->in[i * piece->in_count / piece->out_count];

        piece->out[i] = free_find(order, end, wish);
        if (piece->out[i] == FREE_NONE)
            break;
        free_set(piece->out[i], count, FRAME_GUEST);
    }
    if (i == piece->out_count)
        return true;
    while (i--)
        free_set(piece->out[i], count, FRAME_FREE);
    return false;
}

static long exchange_piece(struct piece *piece,
                           const struct xen_memory_exchange *op, uint64_t end)
{
    unsigned in_order = op->in.extent_order, out_order = op->out.extent_order;
    long result = 0;

    lock_take(&mm_lock);
    if (!give_piece(piece, in_order)) {
        result = -XEN_EINVAL;
    } else if (!take_piece(piece, out_order, end)) {
        for (uint64_t i = 0; i < piece->in_count; i++)
            free_set(piece->in[i], 1ull << in_order, FRAME_GUEST);
        result = -XEN_ENOMEM;
    } else {
        for (uint64_t i = 0; i < piece->in_count; i++)
            clear_m2p(piece->in[i], 1ull << in_order);
    }
    lock_release(&mm_lock);
    return result;
}

static bool read_numbers(uint64_t at, uint64_t first, uint64_t *to,
                         uint64_t count)
{
    return guest_read(to, at + first * 8, count * 8);
}

/* M2P of all that it got, and the guest's list. */
static bool tell(const struct piece *piece,
                 const struct xen_memory_exchange *op, uint64_t first)
{
    for (uint64_t i = 0; i < piece->out_count; i++) {
        uint64_t at = op->out.extent_start + (first + i) * 8, pseudo;

        if (!guest_read64(at, &pseudo))
            return false;
        for (uint64_t k = 0; k < 1ull << op->out.extent_order; k++)
            set_m2p(piece->out[i] + k, pseudo + k);
        if (!guest_write64(at, piece->out[i]))
            return false;
    }
    return true;
}

static long check(const struct xen_memory_exchange *op)
{
    unsigned in_order = op->in.extent_order, out_order = op->out.extent_order;

    if (in_order > BALLOON_ORDER_MOST || out_order > BALLOON_ORDER_MOST)
        return -XEN_EPERM;
    if (op->in.domid != op->out.domid || op->nr_exchanged > op->in.nr_extents ||
        op->in.nr_extents > frame_count || op->out.nr_extents > frame_count ||
        op->in.nr_extents << in_order != op->out.nr_extents << out_order ||
        op->nr_exchanged << in_order & ((1ull << out_order) - 1))
        return -XEN_EINVAL;
    if (!call_is_self(op->in.domid))
        return -XEN_ESRCH;
    return 0;
}

/* A part of it: as many frames as the largest extent has. */
static long exchange(struct xen_memory_exchange *op)
{
    static struct piece piece;
    unsigned in_order = op->in.extent_order, out_order = op->out.extent_order;
    unsigned order = in_order > out_order ? in_order : out_order;
    unsigned bits = op->out.mem_flags & XENMEMF_ADDRESS_BITS;
    uint64_t end = !bits || bits >= 52 ? frame_count
                   : bits < PAGE_BITS  ? 0
                                       : 1ull << (bits - PAGE_BITS);

    piece.in_count = 1ull << (order - in_order);
    piece.out_count = 1ull << (order - out_order);
    for (uint64_t frames_done = 0; op->nr_exchanged < op->in.nr_extents &&
                                   frames_done < 1u << BALLOON_ORDER_MOST;
         frames_done += 1ull << order) {
        uint64_t first_out = op->nr_exchanged << in_order >> out_order;
        long result;

        if (!read_numbers(op->in.extent_start, op->nr_exchanged, piece.in,
                          piece.in_count))
            return -XEN_EFAULT;
        result = exchange_piece(&piece, op, end);
        if (result < 0)
            return result;
        op->nr_exchanged += piece.in_count;
        if (!tell(&piece, op, first_out))
            return -XEN_EFAULT;
    }
    return 0;
}

long balloon_exchange(uint64_t argument, bool *out_more)
{
    static struct lock lock;
    struct xen_memory_exchange op;
    long result;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    result = check(&op);
    if (result < 0)
        return result;
    lock_take(&lock);
    result = exchange(&op);
    lock_release(&lock);
    *out_more = op.nr_exchanged < op.in.nr_extents;
    return guest_write(argument, &op, sizeof(op)) ? result : -XEN_EFAULT;
}
