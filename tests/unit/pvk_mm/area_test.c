/* SPDX-License-Identifier: MIT */
/*
 * Areas: where mmap() finds room, brk(), what is refused; and cases of page
 * tables that random programs hardly meet.
 */
#include "pvtest.h"

#include "model.h"

#include "mm/space_private.h"
#include "proc/errno.h"

enum { PAGE = 4096, READ_WRITE = SPACE_READ | SPACE_WRITE };

#define BLOCK (UINT64_C(1) << 21)
#define BASE  UINT64_C(0x10000000)

pvops_pte entry_no_execute;

void entry_setup(void)
{
    entry_no_execute = ENTRY_NO_EXECUTE;
}

static struct space *begin(void)
{
    model_setup(true, 2);
    return space_new();
}

static void finish(struct space *space)
{
    space_activate(NULL);
    space_free(space);
    space_drop_cache();
    EXPECT_EQ(0, model_heap_used());
    EXPECT_EQ(4, model_pages_used());
}

static uint64_t anywhere(struct space *space, uint64_t bytes)
{
    long at = space_map_anywhere(space, 0, bytes, READ_WRITE);

    EXPECT(at > 0 && at % PAGE == 0);
    return (uint64_t)at;
}

PVTEST(room_is_free, "what mmap() gives meets nothing, from the top down")
{
    struct space *space = begin();
    uint64_t before = SPACE_MMAP_TOP;

    for (unsigned i = 1; i < 60; i++) {
        uint64_t at = anywhere(space, i * PAGE - 1);

        EXPECT_EQ(before - i * PAGE, at);
        before = at;
    }
    EXPECT_EQ(1, space->areas.count);
    EXPECT_EQ(0, space_unmap(space, before + 10 * PAGE, 5 * PAGE));
    EXPECT_EQ(2, space->areas.count);
    EXPECT_EQ(before - 6 * PAGE, anywhere(space, 6 * PAGE));
    EXPECT_EQ(before + 10 * PAGE, anywhere(space, 5 * PAGE));
    EXPECT_EQ(1, space->areas.count);
    finish(space);
}

PVTEST(big_ones_have_tables_of_their_own, "no level-1 table maps two of them")
{
    struct space *space = begin();
    uint64_t small = anywhere(space, PAGE), taken[8];

    for (unsigned i = 0; i < 8; i++) {
        uint64_t bytes = (64 + 300 * i) * UINT64_C(4096), end;

        taken[i] = anywhere(space, bytes);
        end = taken[i] + bytes;
        EXPECT((end - 1) / BLOCK < small / BLOCK);
        for (unsigned j = 0; j < i; j++)
            EXPECT((end - 1) / BLOCK < taken[j] / BLOCK);
        EXPECT(anywhere(space, PAGE) / BLOCK == small / BLOCK);
    }
    finish(space);
}

PVTEST(hints_and_limits, "a hint that is free is taken; what cannot be is said")
{
    struct space *space = begin();

    EXPECT_EQ(BASE, space_map_anywhere(space, BASE, PAGE, SPACE_READ));
    EXPECT(space_map_anywhere(space, BASE, PAGE, SPACE_READ) != (long)BASE);
    EXPECT(space_map_anywhere(space, BASE + 1, PAGE, SPACE_READ) > 0);
    EXPECT_EQ(-ENOMEM, space_map_anywhere(space, 0, SPACE_END, READ_WRITE));
    EXPECT_EQ(-ENOMEM, space_map_anywhere(space, 0, UINT64_MAX, READ_WRITE));
    EXPECT_EQ(-EINVAL, space_map_anywhere(space, 0, 0, READ_WRITE));
    EXPECT_EQ(-EINVAL, space_map(space, BASE + 1, PAGE, 0, NULL, 0));
    EXPECT_EQ(-EINVAL, space_map(space, 0, PAGE, 0, NULL, 0));
    EXPECT_EQ(-EINVAL, space_map(space, SPACE_END, PAGE, 0, NULL, 0));
    EXPECT_EQ(-EINVAL,
              space_map(space, SPACE_END - PAGE, PAGE + 1, 0, NULL, 0));
    EXPECT_EQ(-EINVAL, space_map(space, BASE, UINT64_MAX, 0, NULL, 0));
    EXPECT_EQ(-EINVAL, space_map(space, BASE, PAGE, 8, NULL, 0));
    EXPECT_EQ(0, space_map(space, SPACE_END - PAGE, PAGE, 0, NULL, 0));
    EXPECT_EQ(-EINVAL, space_unmap(space, BASE, 0));
    EXPECT_EQ(-EINVAL, space_unmap(space, BASE, UINT64_MAX - BASE));
    EXPECT_EQ(-EINVAL, space_unmap(space, BASE + 1, PAGE));
    EXPECT_EQ(-EINVAL, space_protect(space, BASE + 1, PAGE, 0));
    EXPECT_EQ(-ENOMEM, space_protect(space, BASE, SPACE_END, 0));
    EXPECT_EQ(-ENOMEM, space_protect(space, BASE, UINT64_MAX, 0));
    EXPECT_EQ(0, space_protect(space, BASE, 0, 0));
    finish(space);
}

PVTEST(most_areas, "as many areas as there may be, then -ENOMEM; all go")
{
    struct space *space = begin();
    uint64_t at = BASE;
    long result = 0;

    for (; !result; at += 2 * PAGE)
        result = space_map(space, at, PAGE, SPACE_READ, NULL, 0);
    EXPECT_EQ(-ENOMEM, result);
    EXPECT_EQ(AREAS_MOST, space->areas.count);
    EXPECT_EQ(0, space_protect(space, BASE, PAGE, 0));
    EXPECT_EQ(0, space_unmap(space, BASE, at - BASE));
    EXPECT_EQ(0, space->areas.count);
    finish(space);
}

PVTEST(brk, "grows and shrinks, and not over what is mapped")
{
    struct space *space = begin();
    uint8_t byte = 7;

    space_set_brk(space, BASE + 100);
    EXPECT_EQ(BASE + 100, space_brk(space, 0));
    EXPECT_EQ(BASE + 100, space_brk(space, BASE + 99));
    EXPECT_EQ(BASE + 10000, space_brk(space, BASE + 10000));
    EXPECT_EQ(0, space_copy_out(space, BASE + 9999, &byte, 1));
    EXPECT_EQ(-EFAULT, space_copy_out(space, BASE + 3 * PAGE, &byte, 1));
    EXPECT_EQ(BASE + 5000, space_brk(space, BASE + 5000));
    EXPECT_EQ(-EFAULT, space_copy_in(space, &byte, BASE + 9999, 1));
    EXPECT_EQ(0, space_map(space, BASE + 8 * PAGE, PAGE, 0, NULL, 0));
    EXPECT_EQ(BASE + 5000, space_brk(space, BASE + 9 * PAGE));
    EXPECT_EQ(BASE + 8 * PAGE, space_brk(space, BASE + 8 * PAGE));
    EXPECT_EQ(BASE + 8 * PAGE, space_brk(space, UINT64_MAX));
    EXPECT_EQ(0, space_copy_in(space, &byte, BASE + 4096, 1));
    EXPECT_EQ(0, byte);
    finish(space);
}

PVTEST(strings, "end at their NUL, at the room, or where memory does")
{
    struct space *space = begin();
    char text[32];

    EXPECT_EQ(0, space_map(space, BASE, 2 * PAGE, READ_WRITE, NULL, 0));
    EXPECT_EQ(0, space_copy_out(space, BASE + PAGE - 3, "over it", 8));
    EXPECT_EQ(7, space_copy_string(space, text, BASE + PAGE - 3, 8));
    EXPECT_STR("over it", text);
    EXPECT_EQ(-ENAMETOOLONG,
              space_copy_string(space, text, BASE + PAGE - 3, 7));
    EXPECT_EQ(0, space_copy_out(space, BASE + 2 * PAGE - 3, "end", 3));
    EXPECT_EQ(-EFAULT, space_copy_string(space, text, BASE + 2 * PAGE - 3, 32));
    EXPECT_EQ(-EFAULT, space_copy_string(space, text, UINT64_MAX, 32));
    finish(space);
}

/* A read of the program's own, served. */
static uint8_t *read_page(struct space *space, uint64_t address)
{
    uint8_t *byte = model_access(address, MODEL_READ);

    if (!byte)
        EXPECT_EQ(SPACE_FAULT_DONE, space_fault(space, address, 0));
    return byte ? byte : model_access(address, MODEL_READ);
}

/*
 * The tables above are copied though in the end nothing changes below; whoever
 * shared the old ones ends, and the CPU must not go by them.
 *
 * Damage:  mm/follow.c: no flush after a table was copied.
 */
PVTEST(ways_are_forgotten, "to upper tables that another space has freed")
{
    struct space *space = begin(), *child;

    EXPECT_EQ(0, space_map(space, BASE, 1024 * PAGE, READ_WRITE, NULL, 0));
    space_activate(space);
    EXPECT(read_page(space, BASE));
    EXPECT(read_page(space, BASE + 10 * PAGE));
    EXPECT(read_page(space, BASE + 512 * PAGE));
    child = space_fork(space);
    EXPECT(child);
    EXPECT(read_page(space, BASE));
    EXPECT_EQ(0, space_protect(space, BASE + 5 * PAGE, PAGE, 0));
    space_free(child);
    EXPECT(read_page(space, BASE + 512 * PAGE));
    finish(space);
}

/*
 * The same for the table of level 1, copied to add a page to it.
 *
 * Damage:  mm/tree.c: tree_set() does not flush after copy_branch().
 */
PVTEST(way_to_a_copied_table, "is forgotten before that table is freed")
{
    struct space *space = begin(), *child;
    uint8_t byte = 1;

    EXPECT_EQ(0, space_map(space, BASE, 20 * PAGE, READ_WRITE, NULL, 0));
    space_activate(space);
    EXPECT(read_page(space, BASE));
    EXPECT(read_page(space, BASE + 10 * PAGE));
    child = space_fork(space);
    EXPECT(child);
    EXPECT(read_page(space, BASE));
    EXPECT_EQ(0, space_copy_out(space, BASE + 5 * PAGE, &byte, 1));
    space_free(child);
    EXPECT(read_page(space, BASE + 10 * PAGE));
    finish(space);
}

/*
 * All that a table holds becomes read-only by one bit above it. A write beside
 * gives that bit back, and not the right to write what is read-only.
 *
 * Damage:  mm/follow.c: write_below() marks nothing stale.
 */
PVTEST(read_only_by_one_bit, "stays so when its table is written again")
{
    struct space *space = begin();
    uint8_t byte = 1;
    unsigned stores;

    EXPECT_EQ(0, space_map(space, BASE, 256 * PAGE, READ_WRITE, NULL, 0));
    for (unsigned i = 0; i < 200; i++)
        EXPECT_EQ(0, space_copy_out(space, BASE + i * PAGE, &byte, 1));
    space_activate(space);
    stores = model_counts.stores + model_counts.root_stores;
    EXPECT_EQ(0, space_protect(space, BASE, 200 * PAGE, SPACE_READ));
    EXPECT_EQ(stores + 1, model_counts.stores + model_counts.root_stores);
    EXPECT(!model_access(BASE, MODEL_WRITE));
    EXPECT_EQ(0, space_copy_out(space, BASE + 200 * PAGE, &byte, 1));
    EXPECT(model_access(BASE + 200 * PAGE, MODEL_WRITE));
    EXPECT(!model_access(BASE, MODEL_WRITE));
    EXPECT_EQ(-EFAULT, space_copy_out(space, BASE, &byte, 1));
    finish(space);
}

/* How many faults the program raises that touches these pages in order. */
static unsigned faults_of(struct space *space, unsigned first, unsigned pages)
{
    unsigned faults = 0;

    for (unsigned i = first; i < first + pages; i++) {
        while (!model_access(BASE + i * PAGE, MODEL_WRITE)) {
            EXPECT_EQ(SPACE_FAULT_DONE, space_fault(space, BASE + i * PAGE, 2));
            faults++;
        }
    }
    return faults;
}

/*
 * Pages touched in order are made in rows that grow; others one by one, and
 * none that is there already, or not mapped, or when memory is short.
 *
 * Damage:  mm/fault.c: make_row() takes no notice of what an entry holds;
 *          row_from() none of where the area ends, or of pages_left().
 */
PVTEST(rows_of_pages, "1, 2, 4, 8, 16; no further than they may")
{
    struct space *space = begin();
    size_t pages;

    EXPECT_EQ(0, space_map(space, BASE, 100 * PAGE, READ_WRITE, NULL, 0));
    space_activate(space);
    EXPECT_EQ(1, faults_of(space, 0, 1));
    pages = model_pages_used();
    EXPECT_EQ(1, faults_of(space, 40, 1));
    EXPECT_EQ(1, faults_of(space, 95, 1));
    EXPECT_EQ(1, faults_of(space, 20, 1));
    EXPECT_EQ(pages + 3, model_pages_used());
    /* From 21 on: two, four, eight, and five up to 40, which is there. */
    EXPECT_EQ(4, faults_of(space, 21, 20));
    EXPECT_EQ(pages + 3 + 19, model_pages_used());
    /* One, two, and the last of the area. */
    EXPECT_EQ(3, faults_of(space, 96, 4));
    EXPECT_EQ(pages + 3 + 19 + 4, model_pages_used());
    model_limit_pages(100);
    EXPECT_EQ(1, faults_of(space, 50, 1));
    EXPECT_EQ(4, faults_of(space, 51, 4));
    EXPECT_EQ(pages + 3 + 19 + 4 + 5, model_pages_used());
    finish(space);
}

/*
 * Damage:  mm/level1.c: exchange() is always worth it, or never.
 */
PVTEST(tables_are_exchanged, "where most of many entries change, only there")
{
    struct space *space = begin();

    EXPECT_EQ(0, space_map(space, BASE, 400 * PAGE, READ_WRITE, NULL, 0));
    space_activate(space);
    (void)faults_of(space, 0, 400);
    model_counts = (struct model_counts){ 0 };
    EXPECT_EQ(0, space_protect(space, BASE + PAGE, 4 * PAGE, 0));
    EXPECT_EQ(4, model_counts.stores);
    EXPECT_EQ(0, model_counts.given);
    EXPECT_EQ(0, space_protect(space, BASE + PAGE, 300 * PAGE, SPACE_EXEC));
    EXPECT_EQ(5, model_counts.stores);
    EXPECT_EQ(1, model_counts.given);
    EXPECT_EQ(1, model_counts.released);
    EXPECT_EQ(0, space_unmap(space, BASE + PAGE, 399 * PAGE));
    EXPECT_EQ(6, model_counts.stores);
    EXPECT_EQ(2, model_counts.given);
    finish(space);
}

/* What each operation costs in ops: read here when the code is changed. */
PVTEST(fork_is_a_few_stores, "however much is mapped")
{
    struct space *space = begin(), *child;
    uint8_t byte = 1;

    EXPECT_EQ(0, space_map(space, BASE, 600 * PAGE, READ_WRITE, NULL, 0));
    for (unsigned i = 0; i < 600; i++)
        EXPECT_EQ(0, space_copy_out(space, BASE + i * PAGE, &byte, 1));
    space_activate(space);
    child = space_fork(space);
    model_counts = (struct model_counts){ 0 };
    space_free(child);
    EXPECT_EQ(1, model_counts.root_stores);
    EXPECT_EQ(0, model_counts.stores + model_counts.released);
    EXPECT_EQ(0, space_copy_out(space, BASE, &byte, 1));
    EXPECT_EQ(2, model_counts.root_stores);
    EXPECT_EQ(0, model_counts.given);
    child = space_fork(space);
    EXPECT_EQ(4, model_counts.root_stores);
    EXPECT_EQ(1, model_counts.flushes);
    space_free(child);
    finish(space);
}
