/* SPDX-License-Identifier: MIT */
/*
 * The guest's memory by its own addresses, with its rights. Everything fails,
 * and nothing is reported, where the guest itself would have a fault.
 */
#ifndef SHIM_MM_GUEST_H
#define SHIM_MM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* With 48 bits of linear address. */
static inline bool is_canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

/* Not the shim's. An address that is not canonical faults. */
static inline bool guest_address_ok(uint64_t address)
{
    return address - SHIM_BEGIN >= SHIM_END - SHIM_BEGIN;
}

/* If what is at 1 in the assembly before faults, go to 'fault'. */
#define GUEST_FIXUP                                                            \
    ".pushsection .fixups, \"a\"\n\t"                                          \
    ".balign 8\n\t"                                                            \
    ".quad 1b, %l[fault]\n\t"                                                  \
    ".popsection"

/* Where guest_address_ok() was asked already. */
static inline bool guest_load64(uint64_t address, uint64_t *out)
{
    uint64_t value;

    __asm__ volatile goto("1:\tmovq (%1), %0\n\t" GUEST_FIXUP
                          : "=r"(value)
                          : "r"(address)
                          : "memory"
                          : fault);
    *out = value;
    return true;
fault:
    return false;
}

static inline bool guest_read64(uint64_t address, uint64_t *out)
{
    return guest_address_ok(address) && guest_load64(address, out);
}

static inline bool guest_write64(uint64_t address, uint64_t value)
{
    if (!guest_address_ok(address))
        return false;
    __asm__ volatile goto("1:\tmovq %1, (%0)\n\t" GUEST_FIXUP
                          :
                          : "r"(address), "r"(value)
                          : "memory"
                          : fault);
    return true;
fault:
    return false;
}

/* Any size, any alignment. Part of it may have been copied. */
bool guest_read(void *to, uint64_t from, size_t bytes);
bool guest_write(uint64_t to, const void *from, size_t bytes);

/* How many bytes of 'bytes' can be read from there on; they are copied. */
size_t guest_read_some(void *to, uint64_t from, size_t bytes);

#endif /* SHIM_MM_GUEST_H */
