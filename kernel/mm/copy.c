/* SPDX-License-Identifier: MIT */
/*
 * What the kernel reads and writes of a program's memory: in the direct map,
 * as the program itself would have got it.
 */
#include "mm/space_private.h"

#include <string.h>

#include "proc/errno.h"

static bool can_reach(const struct tree_look *look, bool write)
{
    return look->value & ENTRY_PRESENT &&
           (!write || (look->writable && look->value & ENTRY_WRITE));
}

static enum space_fault reach(struct space *space, uint64_t address, bool write,
                              uint8_t **out_bytes)
{
    const struct area *area = areas_at(&space->areas, address);
    struct tree_look look;

    if (!area || !(write ? area->rights & SPACE_WRITE : area->rights))
        return SPACE_FAULT_ILLEGAL;
    tree_look(space->root, address, &look);
    if (!can_reach(&look, write)) {
        enum space_fault made = space_make_page(space, area, address, write);

        if (made != SPACE_FAULT_DONE)
            return made;
        tree_look(space->root, address, &look);
    }
    *out_bytes =
        (uint8_t *)layout_va(look.value & ENTRY_ADDRESS) + address % PAGE_BYTES;
    return SPACE_FAULT_DONE;
}

static size_t room_behind(uint64_t address)
{
    return PAGE_BYTES - address % PAGE_BYTES;
}

static long error_of(enum space_fault fault)
{
    return fault == SPACE_FAULT_NO_MEMORY ? -ENOMEM : -EFAULT;
}

long space_copy_in(struct space *space, void *to, uint64_t from, size_t bytes)
{
    uint8_t *at = to;

    while (bytes) {
        size_t piece = room_behind(from) < bytes ? room_behind(from) : bytes;
        uint8_t *source;
        enum space_fault fault = reach(space, from, false, &source);

        if (fault != SPACE_FAULT_DONE)
            return error_of(fault);
        memcpy(at, source, piece);
        at += piece;
        from += piece;
        bytes -= piece;
    }
    return 0;
}

long space_copy_out(struct space *space, uint64_t to, const void *from,
                    size_t bytes)
{
    const uint8_t *at = from;

    while (bytes) {
        size_t piece = room_behind(to) < bytes ? room_behind(to) : bytes;
        uint8_t *target;
        enum space_fault fault = reach(space, to, true, &target);

        if (fault != SPACE_FAULT_DONE)
            return error_of(fault);
        memcpy(target, at, piece);
        at += piece;
        to += piece;
        bytes -= piece;
    }
    return 0;
}

long space_copy_string(struct space *space, char *to, uint64_t from,
                       size_t room)
{
    size_t length = 0;

    for (;;) {
        size_t piece = room_behind(from);
        uint8_t *source;
        enum space_fault fault = reach(space, from, false, &source);

        if (fault != SPACE_FAULT_DONE)
            return error_of(fault);
        for (size_t i = 0; i < piece; i++, length++) {
            if (length == room)
                return -ENAMETOOLONG;
            to[length] = (char)source[i];
            if (!source[i])
                return (long)length;
        }
        from += piece;
    }
}
