/* SPDX-License-Identifier: MIT */
/*
 * What of memory may be read at first, as the entry code left it.
 */
#include "boot/boot.h"

#include "arch/layout.h"

enum {
    /* Behind the BIOS's data area: QEMU puts its map there. */
    FIRST = 0x500,
    FRAME_BYTES = 4096,
};

struct boot_reach boot_reach_at(unsigned door, uint64_t info)
{
    if (door != DOOR_XEN_PV)
        return (struct boot_reach){
            .view = (const uint8_t *)(LAYOUT_EARLY + FIRST),
            .first = FIRST,
            .bytes = UINT32_MAX - FIRST,
        };
    return (struct boot_reach){
        .view = layout_va(info),
        .first = info,
        .bytes = FRAME_BYTES,
        .virt_base = LAYOUT_DIRECT,
    };
}
