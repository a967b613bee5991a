/* SPDX-License-Identifier: MIT */
/*
 * The parts of this guest, all in headers as a guest is one file.
 */
#ifndef RULES_H
#define RULES_H

#define PV_NAME "pv-rules"
#include <pv.h>

#define NOT_MAPPED 0x0000600000000000u

/* The entry of its own root, or a lower one, that is on the way to 'address'.
 */
static inline const uint64_t *table_of(uint64_t address, unsigned level)
{
    const uint64_t *table =
        (const uint64_t *)boot_private.xen_start_info->pt_base;

    for (unsigned i = 4; i > level; i--) {
        unsigned shift = 12 + 9 * (i - 1);
        uint64_t entry = table[address >> shift & 511];

        table =
            (const uint64_t *)(pseudo_of(entry >> 12 & 0xffffffffff) * PAGE);
    }
    return table;
}

/* Machine address of that entry. */
static inline uint64_t entry_of(uint64_t address, unsigned level)
{
    const uint64_t *table = table_of(address, level);
    unsigned shift = 12 + 9 * (level - 1);

    return frame_of(table) * PAGE + (address >> shift & 511) * 8;
}

static inline long updates(const struct mmu_update *list, uint64_t count,
                           uint32_t *done)
{
    return call4(__HYPERVISOR_mmu_update, (uintptr_t)list, count,
                 (uintptr_t)done, DOMID_SELF);
}

static inline long update(uint64_t at, uint64_t value)
{
    struct mmu_update one = { at, value };

    return updates(&one, 1, NULL);
}

/* Some use what is in those before. */
#include "numbers.h"
#include "balloon.h"
#include "tables.h"
#include "lists.h"
#include "events.h"
#include "cpus.h"

#endif /* RULES_H */
