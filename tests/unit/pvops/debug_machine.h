/* SPDX-License-Identifier: MIT */
/*
 * A machine with page tables, for tests of a build with PVOPS_DEBUG_MMU.
 *
 * The model's memory is MEMORY pages from physical BASE on, mapped where they
 * lie in this program by tables in pages 0 to 4 of them.
 */
#ifndef DEBUG_MACHINE_H
#define DEBUG_MACHINE_H

#include "debug_mmu.h"

enum {
    MEMORY = 16,
    BASE = 0x400000,
    PRESENT = 1,
    WRITE = 2,
    ROOT = 0, /* and 1 */
    LOWEST = 4,
    FREE = 8, /* and all behind it */
    LEVEL_ROOT = PVI_LEVELS,
};

typedef pvops_pte table[PVI_ENTRIES];

extern table memory[MEMORY];

/* The physical address of page 'which'. */
static inline pvops_pte at(unsigned which)
{
    return BASE + which * (pvops_pte)sizeof(table);
}

static inline pvops_pte to_table(unsigned which)
{
    return at(which) | PRESENT | WRITE;
}

/* Which entry of a table of 'level' leads to page 0. */
static inline unsigned index_at(unsigned level)
{
    return (uintptr_t)memory >> (12 + (level - 1) * PVI_LEVEL_BITS) &
           (PVI_ENTRIES - 1);
}

/* The entry that maps page 'which', and what is in it. */
static inline pvops_pte *mapping(unsigned which)
{
    return &memory[LOWEST][index_at(1) + which];
}

/* pc_reset(), memory of zeros, pc_start(). */
void debug_power_on(void);

/* The same; then tables as they must be, given. */
void debug_give_tables(void);

/* They become active. */
void debug_activate(void);

#endif /* DEBUG_MACHINE_H */
