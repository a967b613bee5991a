/* SPDX-License-Identifier: MIT */
/*
 * A CPU that uses the tables: it remembers each translation, and the way to
 * each table below the root, until it is told to forget. It takes nothing back
 * by itself, not even where an access failed.
 *
 * Source: Intel SDM volume 3, 4.10: what may be cached, and that INVLPG forgets
 *         all of the paging-structure caches.
 */
#include "model.h"

#include <pvops/mmu.h>

#include "pvtest.h"

#include "arch/layout.h"
#include "model_inside.h"

enum {
    SLOTS = 1 << 14,
    WAYS = 64,
    LEVELS = 4,
    PRESENT = 1,
    WRITE = 2,
    INDEX_MASK = 511
};
#define NO_EXECUTE (UINT64_C(1) << 63)

/* What the CPU remembers: rights are those of all entries on the way. */
struct kept {
    bool valid;
    uint64_t key, frame;
    bool write, execute;
};
static struct kept translations[SLOTS];
static struct kept ways[LEVELS][WAYS]; /* to tables of level 1, 2, 3 */
static uint64_t root;

static struct kept *find(struct kept *list, size_t size, uint64_t key)
{
    for (size_t i = 0; i < size; i++) {
        struct kept *kept = &list[(key + i) % size];

        if (!kept->valid || kept->key == key)
            return kept;
    }
    FAIL("the model's TLB is full");
}

/* A hole in the row of a key would hide those behind it: all go or none. */
static void forget_one(uint64_t key)
{
    struct kept *kept = find(translations, SLOTS, key);

    if (kept->valid) {
        kept->frame = UINT64_MAX;
    }
}

void model_forget(uint64_t address, size_t pages)
{
    memset(ways, 0, sizeof(ways));
    if (pages == MODEL_ALL) {
        memset(translations, 0, sizeof(translations));
        return;
    }
    for (size_t i = 0; i < pages; i++)
        forget_one(address / MODEL_PAGE + i);
}

void pvops_mmu_write_cr3(uintptr_t new_root)
{
    if (model_level(new_root) != 4)
        FAIL("given-first: CR3 is loaded with what is no root");
    root = new_root;
    model_forget(0, MODEL_ALL);
}

uint64_t model_active_root(void)
{
    return root;
}

/* One level down; false: not present. */
static bool step(struct kept *way, uint64_t address, unsigned level)
{
    const pvops_pte *table = layout_va(way->frame);
    pvops_pte value;

    if (model_level(way->frame) != level)
        FAIL("the CPU uses as a table of level %u what is none", level);
    value = pvops_mmu_entry_value(
        table[address >> (12 + 9 * (level - 1)) & INDEX_MASK]);
    if (!(value & PRESENT))
        return false;
    way->frame = value & MODEL_ADDRESS;
    way->write = way->write && value & WRITE;
    way->execute = way->execute && !(value & NO_EXECUTE);
    return true;
}

/* From the lowest table that is remembered. */
static bool walk(struct kept *kept, uint64_t address)
{
    unsigned level = 1;

    while (level < LEVELS) {
        *kept = *find(ways[level], WAYS, address >> (12 + 9 * level));
        if (kept->valid)
            break;
        level++;
    }
    if (level == LEVELS)
        *kept = (struct kept){ true, 0, root, true, true };
    for (; level > 0; level--) {
        if (!step(kept, address, level))
            return false;
        kept->key = address >> (12 + 9 * (level - 1));
        if (level > 1)
            *find(ways[level - 1], WAYS, kept->key) = *kept;
    }
    return true;
}

static bool allowed(const struct kept *kept, enum model_access access)
{
    if (access == MODEL_WRITE)
        return kept->write;
    return access != MODEL_FETCH || kept->execute;
}

uint8_t *model_access(uint64_t address, enum model_access access)
{
    struct kept *kept = find(translations, SLOTS, address / MODEL_PAGE);

    if (!kept->valid || kept->frame == UINT64_MAX) {
        struct kept new = { 0 };

        if (!walk(&new, address))
            return NULL;
        *kept = new;
    }
    if (!allowed(kept, access))
        return NULL;
    if (!model_pages[kept->frame / MODEL_PAGE].used)
        FAIL("the program reaches a page that is free");
    if (model_level(kept->frame))
        FAIL("the program reaches a page table");
    return (uint8_t *)layout_va(kept->frame) + address % MODEL_PAGE;
}
