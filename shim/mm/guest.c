/* SPDX-License-Identifier: MIT */
/*
 * Copies from and to the guest. Words first: a REP moves a word as it moves a
 * byte.
 */
#include "mm/guest.h"

static size_t copy(uint64_t to, uint64_t from, size_t bytes)
{
    size_t words = bytes / 8, rest = bytes % 8;

    __asm__ volatile goto("1:\trep movsq\n\t" GUEST_FIXUP
                          : "+D"(to), "+S"(from), "+c"(words)
                          :
                          : "memory"
                          : fault);
    if (!rest)
        return 0;
    bytes = rest;
    __asm__ volatile goto("1:\trep movsb\n\t" GUEST_FIXUP
                          : "+D"(to), "+S"(from), "+c"(bytes)
                          :
                          : "memory"
                          : fault);
    return 0;
fault:
    return 1;
}

static bool range_ok(uint64_t address, size_t bytes)
{
    return guest_address_ok(address) &&
           (!bytes || guest_address_ok(address + bytes - 1)) &&
           bytes <= SHIM_END - SHIM_BEGIN;
}

bool guest_read(void *to, uint64_t from, size_t bytes)
{
    return range_ok(from, bytes) && !copy((uintptr_t)to, from, bytes);
}

bool guest_write(uint64_t to, const void *from, size_t bytes)
{
    return range_ok(to, bytes) && !copy(to, (uintptr_t)from, bytes);
}

size_t guest_read_some(void *to, uint64_t from, size_t bytes)
{
    uint8_t *at = to;
    size_t done = 0;

    if (guest_read(to, from, bytes))
        return bytes;
    while (done < bytes && guest_read(at + done, from + done, 1))
        done++;
    return done;
}
