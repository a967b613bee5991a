/* SPDX-License-Identifier: MIT */
/*
 * grant_table_op: a table, of version 1, into which a lone guest may write what
 * it likes. There is no other domain that could map a page of it.
 */
#include "abi/xen_grant.h"
#include "call/calls.h"
#include "boot/map.h"
#include "domain/domain.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/guest.h"

enum { FRAMES = 4 };

static uint64_t first; /* frame */

/* Its frames are the guest's to map, and never tables. */
void grant_setup(void)
{
    first = memory_take((uint64_t)FRAMES * PAGE_BYTES) >> PAGE_BITS;
    for (unsigned i = 0; i < FRAMES; i++) {
        frames[first + i] = (uint64_t)FRAME_GUEST << FRAME_OWNER_SHIFT;
        if (frame_get(first + i, FRAME_WRITABLE) < 0)
            shim_failed("the grant table cannot be taken");
    }
}

static long setup_table(uint64_t at)
{
    struct gnttab_setup_table op;

    if (!guest_read(&op, at, sizeof(op)))
        return -XEN_EFAULT;
    op.status = GNTST_okay;
    if (!call_is_self(op.dom))
        op.status = GNTST_bad_domain;
    else if (op.nr_frames > FRAMES)
        op.status = GNTST_general_error;
    for (unsigned i = 0; op.status == GNTST_okay && i < op.nr_frames; i++) {
        if (!guest_write64(op.frame_list + 8 * i, first + i))
            return -XEN_EFAULT;
    }
    return guest_write(at, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long query_size(uint64_t at)
{
    struct gnttab_query_size op;

    if (!guest_read(&op, at, sizeof(op)))
        return -XEN_EFAULT;
    op.status = call_is_self(op.dom) ? GNTST_okay : GNTST_bad_domain;
    op.nr_frames = FRAMES;
    op.max_nr_frames = FRAMES;
    return guest_write(at, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long set_version(uint64_t at)
{
    struct gnttab_set_version op;

    if (!guest_read(&op, at, sizeof(op)))
        return -XEN_EFAULT;
    if (op.version != 1 && op.version != 2)
        return -XEN_EINVAL;
    if (op.version == 2)
        return -XEN_ENOSYS;
    return guest_write(at, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long get_version(uint64_t at)
{
    struct gnttab_get_version op;

    if (!guest_read(&op, at, sizeof(op)))
        return -XEN_EFAULT;
    if (!call_is_self(op.dom))
        return -XEN_ESRCH;
    op.version = 1;
    return guest_write(at, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

/* Xen takes one of each of these at a time. */
long call_grant_table_op(uint64_t command, uint64_t argument, uint64_t count)
{
    static const struct {
        uint32_t command;
        long (*call)(uint64_t at);
    } calls[] = {
        { GNTTABOP_setup_table, setup_table },
        { GNTTABOP_query_size, query_size },
        { GNTTABOP_set_version, set_version },
        { GNTTABOP_get_version, get_version },
    };

    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].command != (uint32_t)command)
            continue;
        return (uint32_t)count == 1 ? calls[i].call(argument) : -XEN_EINVAL;
    }
    return call_unknown("grant_table_op", (uint32_t)command);
}
