/* SPDX-License-Identifier: MIT */
/*
 * What the kernel reads and writes of a program's memory, as the program itself
 * would have got it: of the active space by the program's own addresses, which
 * the CPU looks up; in the direct map where that faults, and of other spaces.
 *
 * A walk costs four entries, and under Xen PV each of them a look into the
 * table of machine frames; a CPU that finds the page needs no instruction.
 */
#include "mm/space_private.h"

#include <string.h>

#include "arch/user.h"
#include "proc/errno.h"

static bool can_reach(const struct tree_look *look, bool write)
{
    return look->value & ENTRY_PRESENT &&
           (!write || (look->writable && look->value & ENTRY_WRITE));
}

/* Where the byte is in the direct map; its page is made if need be. */
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

/* In the direct map; 'own' is the kernel's end. */
static long copy_by_pages(struct space *space, uint64_t address, uint8_t *own,
                          size_t bytes, bool write)
{
    while (bytes) {
        size_t piece =
            room_behind(address) < bytes ? room_behind(address) : bytes;
        enum space_fault fault;
        uint8_t *page;

        fault = reach(space, address, write, &page);
        if (fault != SPACE_FAULT_DONE)
            return error_of(fault);
        if (write)
            memcpy(page, own, piece);
        else
            memcpy(own, page, piece);
        address += piece;
        own += piece;
        bytes -= piece;
    }
    return 0;
}

/*
 * Whether the CPU can be asked. In the lower half of a space's root it finds
 * what the program may reach and nothing else: a page without any right is
 * absent, and one is writable to the kernel only if it is to the program.
 */
static bool is_before_us(const struct space *space, uint64_t address,
                         size_t bytes)
{
    return space_is_active(space) && bytes <= SPACE_END &&
           address <= SPACE_END - bytes;
}

long space_copy_in(struct space *space, void *to, uint64_t from, size_t bytes)
{
    if (is_before_us(space, from, bytes) && user_copy_in(to, from, bytes))
        return 0;
    return copy_by_pages(space, from, to, bytes, false);
}

long space_copy_out(struct space *space, uint64_t to, const void *from,
                    size_t bytes)
{
    if (is_before_us(space, to, bytes) && user_copy_out(to, from, bytes))
        return 0;
    return copy_by_pages(space, to, (uint8_t *)(uintptr_t)from, bytes, true);
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
