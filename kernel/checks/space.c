/* SPDX-License-Identifier: MIT */
/*
 * Address spaces on the real CPU: what a program would reach is reached here by
 * the kernel, at the program's own addresses, one access at a time.
 */
#ifdef __x86_64__
#include <string.h>

#include <pvops/time.h>

#include "arch/layout.h"
#include "arch/trap.h"
#include "checks/check.h"
#include "core/log.h"
#include "core/pages.h"
#include "mm/space.h"
#include "proc/errno.h"

#define BASE UINT64_C(0x5ff00000) /* 256 pages below a border of tables */

enum { READ_WRITE = SPACE_READ | SPACE_WRITE, MOST_FAULTS = 4 };

static volatile uint8_t *at_page(unsigned page)
{
    return (volatile uint8_t *)(BASE + (uint64_t)page * PAGE_BYTES);
}

/* Whether an access is served; as often as a program would try it. */
static bool reaches(struct space *space, volatile uint8_t *at, bool write,
                    uint8_t value)
{
    space_activate(space);
    for (unsigned i = 0; i < MOST_FAULTS; i++) {
        if (write ? trap_try_write(at, value) : trap_try_read(at))
            return true;
        if (trap_last.vector != TRAP_PAGE_FAULT ||
            space_fault(space, trap_last.address, trap_last.error) !=
                SPACE_FAULT_DONE)
            return false;
    }
    return false;
}

static bool put(struct space *space, unsigned page, uint8_t value)
{
    return reaches(space, at_page(page), true, value);
}

/* What is there, or -1. */
static int get(struct space *space, unsigned page)
{
    if (!reaches(space, at_page(page), false, 0))
        return -1;
    return *at_page(page);
}

static void end(struct space *space)
{
    space_activate(NULL);
    if (space)
        space_free(space);
}

/*
 * One program's pages are not another's.
 *
 * Damage:  mm/space.c: space_activate() without write_cr3().
 */
static void isolation_of(struct space *a, struct space *b)
{
    enum { PAGES = 4 };
    const uint64_t bytes = PAGES * PAGE_BYTES;

    CHECK(!space_map(a, BASE, bytes, READ_WRITE, NULL, 0) &&
              !space_map(b, BASE, bytes, READ_WRITE, NULL, 0),
          "two areas cannot be mapped");
    for (unsigned i = 0; i < PAGES; i++)
        CHECK(put(a, i, (uint8_t)(10 + i)) && put(b, i, (uint8_t)(20 + i)),
              "a writable page cannot be written");
    for (unsigned i = 0; i < PAGES; i++)
        CHECK(get(a, i) == (int)(10 + i) && get(b, i) == (int)(20 + i),
              "page %u of two programs: %d and %d", i, get(a, i), get(b, i));
    CHECK(!space_unmap(b, BASE, bytes), "an area cannot be taken out");
    CHECK(get(b, 0) == -1, "a program reaches a page that another mapped");
    CHECK(get(a, 0) == 10, "a page went when another program's did");
    CHECK(space_map(a, 0xffffffff80000000, bytes, READ_WRITE, NULL, 0) ==
              -EINVAL,
          "a program can map the kernel's addresses");
}

static void isolation(void)
{
    struct space *a = space_new(), *b = space_new();

    if (a && b)
        isolation_of(a, b);
    else
        check_fail("no memory for two spaces");
    end(a);
    end(b);
}
const struct check check_space_isolation = { "space-isolation", isolation };

enum { PROGRAMS = 4, COW_PAGES = 300, COW_STEPS = 4000 };

static struct program {
    struct space *space; /* NULL: there is none */
    uint8_t pages[COW_PAGES];
} programs[PROGRAMS];

static uint64_t random_state;

static unsigned random_below(unsigned end)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1;
    return (unsigned)(random_state >> 33) % end;
}

/*
 * A program forks into the free place 'to', or what is there ends. The parent
 * writes at once: the TLB still has what was its own.
 */
static void fork_or_end(struct program *from, struct program *to)
{
    unsigned page = random_below(COW_PAGES);

    if (to->space) {
        end(to->space);
        to->space = NULL;
        return;
    }
    CHECK(put(from->space, page, 1), "page %u cannot be written", page);
    from->pages[page] = 1;
    to->space = space_fork(from->space);
    CHECK(to->space, "no memory to fork");
    memcpy(to->pages, from->pages, sizeof(to->pages));
    CHECK(put(from->space, page, 2) && get(to->space, page) == 1,
          "what a parent writes after a fork is its child's too");
    from->pages[page] = 2;
}

/* By the program itself, or for it, as read() does. */
static bool write_to(struct program *program, unsigned page, uint8_t value)
{
    program->pages[page] = value;
    if (random_below(4))
        return put(program->space, page, value);
    return get(program->space, page) >= 0 &&
           !space_copy_out(program->space, BASE + (uint64_t)page * PAGE_BYTES,
                           &value, 1);
}

static void copy_on_write_in_order(void)
{
    CHECK(!space_map(programs[0].space, BASE, COW_PAGES * PAGE_BYTES,
                     READ_WRITE, NULL, 0),
          "an area cannot be mapped");
    for (unsigned i = 0; i < COW_STEPS; i++) {
        struct program *program = &programs[random_below(PROGRAMS)];
        struct program *other = &programs[1 + random_below(PROGRAMS - 1)];
        unsigned page = random_below(COW_PAGES);

        if (!program->space)
            program = &programs[0];
        if (!random_below(40)) {
            if (other != program)
                fork_or_end(program, other);
            continue;
        }
        if (random_below(2))
            CHECK(write_to(program, page, (uint8_t)random_below(256)),
                  "step %u: page %u cannot be written", i, page);
        CHECK(get(program->space, page) == program->pages[page],
              "step %u: page %u of program %u is 0x%x instead of 0x%x", i, page,
              (unsigned)(program - programs), get(program->space, page),
              program->pages[page]);
    }
}

/*
 * Programs that fork write and read 300 pages, across a border of tables, in
 * random order; each sees its own writes and nobody else's.
 *
 * Damage:  mm/tree.c: tree_share() leaves the write bits. space.c:
 *          space_fork() without its flush (what a parent writes after a fork
 *          is its child's too). fault.c: set() without its flush (a page that
 *          the kernel wrote is the old one).
 */
static void copy_on_write(void)
{
    random_state = pvops_time_now_ns();
    log_line("space-copy-on-write: seed 0x%llx",
             (unsigned long long)random_state);
    memset(programs, 0, sizeof(programs));
    programs[0].space = space_new();
    if (programs[0].space)
        copy_on_write_in_order();
    else
        check_fail("no memory for a space");
    for (unsigned i = 0; i < PROGRAMS; i++)
        end(programs[i].space);
}
const struct check check_space_cow = { "space-copy-on-write", copy_on_write };

/* The first and the last of 'pages' pages from 'page' on, and one between. */
static bool all_written(struct space *space, unsigned page, unsigned pages)
{
    return put(space, page, 1) && put(space, page + pages / 2, 1) &&
           put(space, page + pages - 1, 1);
}

static bool none_reached(struct space *space, unsigned page, unsigned pages,
                         bool write)
{
    return !reaches(space, at_page(page), write, 2) &&
           !reaches(space, at_page(page + pages / 2), write, 2) &&
           !reaches(space, at_page(page + pages - 1), write, 2);
}

static void changes_of(struct space *space, unsigned first, unsigned pages)
{
    const uint64_t start = BASE + (uint64_t)first * PAGE_BYTES;
    const uint64_t bytes = (uint64_t)pages * PAGE_BYTES;

    CHECK(all_written(space, first, pages), "%u pages cannot be written",
          pages);
    CHECK(!space_protect(space, start, bytes, SPACE_READ) &&
              none_reached(space, first, pages, true),
          "%u pages that became read-only can be written", pages);
    CHECK(get(space, first) == 1 && get(space, first + pages - 1) == 1,
          "%u pages that became read-only are not what they were", pages);
    CHECK(!space_protect(space, start, bytes, 0) &&
              none_reached(space, first, pages, false),
          "%u pages without any right can be read", pages);
    CHECK(!space_protect(space, start, bytes, READ_WRITE) &&
              get(space, first) == 1 && all_written(space, first, pages),
          "%u pages that are writable again cannot be written", pages);
    CHECK(!space_unmap(space, start, bytes) &&
              none_reached(space, first, pages, false),
          "%u pages can be read after they were taken out", pages);
}

static void changes_in(struct space *space)
{
    enum { ALL = 700, SOME = 100, FEW = 8 };

    CHECK(!space_map(space, BASE, ALL * PAGE_BYTES, READ_WRITE, NULL, 0),
          "an area cannot be mapped");
    for (unsigned i = 0; i < ALL; i++)
        CHECK(put(space, i, 1), "page %u cannot be written", i);
    /* Single stores, another table in place of one, whole tables. */
    changes_of(space, 20, 1);
    changes_of(space, 30, FEW);
    changes_of(space, 50, SOME);
    CHECK(!space_map(space, BASE, 2 * SOME * PAGE_BYTES, READ_WRITE, NULL, 0),
          "an area cannot be mapped again");
    changes_of(space, 0, ALL);
}

/*
 * What a program is not allowed any more it cannot do any more, though the TLB
 * held that it could: one page, some, so many that a table is exchanged, and
 * whole tables.
 *
 * Damage:  mm/tree.c: tree_end() without one of its three flushes.
 *          native_mmu.c: flush_range() or flush_asid() that does nothing.
 */
static void changes(void)
{
    struct space *space = space_new();

    if (space)
        changes_in(space);
    else
        check_fail("no memory for a space");
    end(space);
}
const struct check check_space_changes = { "space-changes-at-once", changes };

/* As many pages as there are, each written; why it ended. */
static enum space_fault use_all(struct space *space, unsigned *out_pages)
{
    space_activate(space);
    for (*out_pages = 0;; ++*out_pages) {
        while (!trap_try_write(at_page(*out_pages), 1)) {
            enum space_fault why =
                space_fault(space, trap_last.address, trap_last.error);

            if (why != SPACE_FAULT_DONE)
                return why;
        }
    }
}

static void exhaust(struct space *space)
{
    const uint64_t elsewhere = BASE + 2 * (uint64_t)LAYOUT_DIRECT_END;
    enum space_fault why;
    uint8_t byte = 0;
    unsigned pages;

    CHECK(!space_map(space, BASE, LAYOUT_DIRECT_END, READ_WRITE, NULL, 0) &&
              !space_map(space, elsewhere, PAGE_BYTES, READ_WRITE, NULL, 0),
          "areas cannot be mapped");
    why = use_all(space, &pages);
    CHECK(why == SPACE_FAULT_NO_MEMORY, "after %u pages: %d", pages, (int)why);
    CHECK(!space_fork(space), "a fork without memory");
    CHECK(space_copy_out(space, elsewhere, &byte, 1) == -ENOMEM,
          "the kernel's copy does not say -ENOMEM");
    CHECK(get(space, 0) == 1 && put(space, pages - 1, 3),
          "without memory left pages are lost");
    /* One page is not enough where a table is needed too. */
    CHECK(!space_unmap(space, BASE + 20 * PAGE_BYTES, PAGE_BYTES) &&
              pages_left() == 1 &&
              space_copy_out(space, elsewhere, &byte, 1) == -ENOMEM &&
              pages_left() == 1,
          "of one page left %zu are left", pages_left());
    CHECK(!space_unmap(space, BASE, 16 * PAGE_BYTES) &&
              !space_copy_out(space, elsewhere, &byte, 1),
          "memory that came back cannot be used");
}

/*
 * Memory exhausted: that is said, the program goes on with what it has, and all
 * of it comes back.
 *
 * Damage:  mm/fault.c: the page is not freed if set() fails. frame.h:
 *          frame_put() that does not discard. ready.c: free_root() frees one
 *          page of the two (on xen_pv).
 */
static void memory(void)
{
    struct space *space = space_new();
    size_t left;

    /* What the heap grew by for it stays the heap's. */
    end(space);
    space_drop_cache();
    left = pages_left();
    space = space_new();
    if (space)
        exhaust(space);
    else
        check_fail("no memory for a space");
    end(space);
    space_drop_cache();
    CHECK(pages_left() == left, "%zu of %zu pages did not come back",
          left - pages_left(), left);
}
const struct check check_space_memory = { "space-memory-exhausted", memory };
#endif
