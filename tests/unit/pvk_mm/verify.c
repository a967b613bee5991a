/* SPDX-License-Identifier: MIT */
/*
 * The counts and marks that kernel/mm/tree.h promises, found again by walking
 * all spaces from their roots.
 */
#include "oracle.h"

#include "model.h"
#include "pvtest.h"

#include "mm/space_private.h"

enum { FRAMES = LAYOUT_DIRECT_END / MODEL_PAGE };

static unsigned holders[FRAMES];
static bool seen[FRAMES];

static void check_table(const pvops_pte *table, unsigned level)
{
    const struct frame *frame = frame_of(table);
    unsigned end = level == LEVEL_ROOT ? USER_SLOTS : TABLE_ENTRIES;
    unsigned held = 0;

    if (seen[frame - frames])
        return;
    seen[frame - frames] = true;
    EXPECT_EQ(level, model_level(layout_paddr(table)));
    for (unsigned i = 0; i < end; i++) {
        pvops_pte value = pvops_mmu_read_entry(&table[i]);

        if (!value)
            continue;
        held++;
        EXPECT(i >= frame->first && i <= frame->last);
        holders[(value & ENTRY_ADDRESS) / MODEL_PAGE]++;
        if (level > 1)
            check_table(layout_va(value & ENTRY_ADDRESS), level - 1);
    }
    EXPECT_EQ(held, frame->held);
    EXPECT(held || level == LEVEL_ROOT);
}

/* The write bits of clean tables; 'reached': those above led here. */
static void check_writes(const struct space *space, const pvops_pte *table,
                         unsigned level, uint64_t base, bool reached)
{
    unsigned end = level == LEVEL_ROOT ? USER_SLOTS : TABLE_ENTRIES;

    for (unsigned i = 0; i < end; i++) {
        pvops_pte value = pvops_mmu_read_entry(&table[i]);
        const struct frame *below = frame_at(value & ENTRY_ADDRESS);
        uint64_t address = base + i * entry_span(level);
        bool clean = level == LEVEL_ROOT || !frame_of(table)->stale;
        const struct area *area;

        if (!value)
            continue;
        EXPECT(!reached || clean);
        if (clean && value & ENTRY_WRITE) {
            EXPECT_EQ(1, below->holders);
            EXPECT(level == 1 || !below->stale);
        }
        if (level > 1) {
            check_writes(space, layout_va(value & ENTRY_ADDRESS), level - 1,
                         address, reached && value & ENTRY_WRITE);
            continue;
        }
        area = areas_at(&space->areas, address);
        EXPECT(area);
        EXPECT(!reached || !(value & ENTRY_WRITE) ||
               area->rights & SPACE_WRITE);
        EXPECT(!(value & ENTRY_PRESENT) || area->rights);
        EXPECT(!(value & ENTRY_PRESENT) || value & ENTRY_NO_EXECUTE ||
               area->rights & SPACE_EXEC);
    }
}

void verify_tables(const struct program *programs, unsigned count)
{
    memset(holders, 0, sizeof(holders));
    memset(seen, 0, sizeof(seen));
    for (unsigned i = 0; i < count; i++) {
        if (!programs[i].space)
            continue;
        check_table(programs[i].space->root, LEVEL_ROOT);
        check_writes(programs[i].space, programs[i].space->root, LEVEL_ROOT, 0,
                     true);
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        if (holders[i])
            EXPECT_EQ(holders[i], frames[i].holders);
    }
}
