/* SPDX-License-Identifier: MIT */
/*
 * Ways to tables that a CPU remembers, where random programs hardly meet them:
 * the table goes to the other space of two, and that one ends.
 *
 * Tried: tree_flush_later() left out of tree_set(): both fail; out of
 *        follow_apart(): protect_shared. space_test.c shows the others.
 */
#include "pvtest.h"

#include "model.h"

#include "mm/space_private.h"

enum { PAGE = 4096, ERROR_WRITE = 2 };

#define BLOCK (UINT64_C(1) << 21)
#define BASE  UINT64_C(0x10000000)

pvops_pte entry_no_execute;

void entry_setup(void)
{
    entry_no_execute = ENTRY_NO_EXECUTE;
}

/* Two blocks, the first one's pages with 'rights'; the CPU is there. */
static struct space *begin(unsigned rights)
{
    struct space *space;

    model_setup(true, 2);
    space = space_new();
    EXPECT_EQ(0, space_map(space, BASE, 8 * PAGE, rights, NULL, 0));
    EXPECT_EQ(0, space_map(space, BASE + BLOCK, PAGE, SPACE_READ | SPACE_WRITE,
                           NULL, 0));
    space_activate(space);
    return space;
}

static void finish(struct space *space)
{
    space_activate(NULL);
    space_free(space);
    space_drop_cache();
}

static uint8_t *touch(struct space *space, uint64_t address, bool write)
{
    enum model_access access = write ? MODEL_WRITE : MODEL_READ;
    uint8_t *bytes;

    while (!(bytes = model_access(address, access)))
        EXPECT_EQ(SPACE_FAULT_DONE,
                  space_fault(space, address, write ? ERROR_WRITE : 0));
    return bytes;
}

PVTEST(copy_to_shared, "the kernel makes a page in a table that is shared")
{
    struct space *space = begin(SPACE_READ | SPACE_WRITE), *child;
    uint8_t *bytes;

    *touch(space, BASE, true) = 1;
    *touch(space, BASE + 3 * PAGE, true) = 3;
    child = space_fork(space);
    EXPECT(child);
    EXPECT_EQ(1, *touch(space, BASE, false));
    EXPECT_EQ(0, space_copy_out(space, BASE + 6 * PAGE, "new", 3));
    space_free(child);
    bytes = model_access(BASE + 3 * PAGE, MODEL_READ);
    EXPECT(bytes && *bytes == 3);
    bytes = model_access(BASE + 6 * PAGE, MODEL_READ);
    EXPECT(bytes && *bytes == 'n');
    finish(space);
}

PVTEST(protect_shared, "nothing is taken from a table that is shared")
{
    struct space *space = begin(SPACE_READ), *child;

    (void)touch(space, BASE, false);
    (void)touch(space, BASE + 3 * PAGE, false);
    *touch(space, BASE + BLOCK, true) = 1;
    child = space_fork(space);
    EXPECT(child);
    /* Tables of its own but that of BASE, which the CPU knows the way to. */
    *touch(space, BASE + BLOCK, true) = 2;
    (void)touch(space, BASE, false);
    EXPECT_EQ(0, space_protect(space, BASE + 3 * PAGE, PAGE,
                               SPACE_READ | SPACE_EXEC));
    space_free(child);
    EXPECT(model_access(BASE + 3 * PAGE, MODEL_FETCH));
    finish(space);
}
