/* SPDX-License-Identifier: MIT */
/*
 * What processes are made of: pages, and a root whose lower half is theirs.
 */
#include <pvops/mmu.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "checks/check.h"
#include "core/pages.h"

static bool is_zero(const void *page, size_t bytes)
{
    const uintptr_t *words = page;

    for (size_t i = 0; i < bytes / sizeof(*words); i++) {
        if (words[i])
            return false;
    }
    return true;
}

static bool is_among(const uint8_t *page, uint8_t *const *pages, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (pages[i] == page)
            return true;
    }
    return false;
}

static void take_all(void **list)
{
    void **page;

    while ((page = page_alloc_raw())) {
        *page = *list;
        *list = page;
    }
}

/*
 * Single pages are taken from pairs when nothing else is left, and only then.
 *
 * Damage:  core/pages.c: set_aside() does nothing; page_alloc_raw() does not
 *          break_pair().
 */
static void pairs_last(void)
{
    enum { SINGLES = 16 };
    size_t before = pages_left();
    uint8_t *pair = pages_alloc_adjacent(2);
    void *taken = NULL, *kept = NULL, **page;

    take_all(&taken);
    CHECK(pair && !pages_left(), "%zu pages cannot be had", pages_left());
    /* Some, each without its neighbour, and a pair; and the some again. */
    while (pages_left() < SINGLES) {
        page = taken;
        taken = *page;
        if ((uintptr_t)page & PAGE_BYTES) {
            *page = kept;
            kept = page;
        } else {
            page_free(page);
        }
    }
    page_free(pair);
    page_free(pair + PAGE_BYTES);
    for (unsigned i = 0; i < SINGLES; i++) {
        page = page_alloc_raw();
        *page = kept;
        kept = page;
    }
    pair = pages_alloc_adjacent(2);
    CHECK(pair, "the last pair was broken for single pages");
    page_free(pair);
    page_free(pair + PAGE_BYTES);
    while (taken || kept) {
        page = taken ? taken : kept;
        *(taken ? &taken : &kept) = *page;
        page_free(page);
    }
    CHECK(pages_left() == before, "of %zu pages %zu came back", before,
          pages_left());
}

/*
 * Each page is given once, zeroed, and comes back; of those that came back two
 * are found side by side.
 *
 * Damage:  core/pages.c: take_returned_pair() returns NULL; take_out() leaves
 *          'left' as it is; no memset() in pages_alloc_adjacent().
 */
static void free_pages(void)
{
    enum { TAKEN = 64 };
    size_t before = pages_left();
    uint8_t *taken[TAKEN], *pair, *again;

    for (unsigned i = 0; i < TAKEN; i++) {
        taken[i] = page_alloc();
        CHECK(taken[i] && is_zero(taken[i], PAGE_BYTES),
              "page %u is not there, or not zeroed", i);
        *(uintptr_t *)taken[i] = i + 1;
    }
    pair = pages_alloc_adjacent(2);
    CHECK(pair && is_zero(pair, (size_t)2 * PAGE_BYTES),
          "two pages side by side are not there, or not zeroed");
    CHECK(pages_left() == before - TAKEN - 2, "%zu pages are left of %zu",
          pages_left(), before);
    *(uintptr_t *)pair = *(uintptr_t *)(pair + PAGE_BYTES) = TAKEN + 1;
    for (unsigned i = 0; i < TAKEN; i++)
        CHECK(*(uintptr_t *)taken[i] == i + 1, "page %u was given twice", i);

    page_free(pair + PAGE_BYTES);
    for (unsigned i = 0; i < TAKEN; i++)
        page_free(taken[i]);
    page_free(pair);
    CHECK(pages_left() == before, "of %zu pages %zu came back", before,
          pages_left());
    again = pages_alloc_adjacent(2);
    CHECK(again == pair || is_among(again, taken, TAKEN),
          "two that came back side by side are not found");
    CHECK(is_zero(again, (size_t)2 * PAGE_BYTES), "and they are not zeroed");
    page_free(again);
    page_free(again + PAGE_BYTES);
    CHECK(pages_left() == before, "of %zu pages %zu came back", before,
          pages_left());
    pairs_last();
}
const struct check check_free_pages = { "free-pages", free_pages };

/*
 * The kernel's root has nothing where programs will be: not what the entry code
 * mapped, nor what Xen's builder did.
 *
 * Damage:  arch/space.c, build(): map_at(root, 0, at) too.
 */
static void lower_half(void)
{
#ifdef __x86_64__
    enum { LOWER_SLOTS = 256 };
    const pvops_pte *root = paging_kernel_root();

    for (unsigned i = 0; i < LOWER_SLOTS; i++)
        CHECK(!pvops_mmu_read_entry(&root[i]), "slot %u of the root is in use",
              i);
#else
    check_skip("pvk has no user mode on i386");
#endif
}
const struct check check_lower_half = { "lower-half-empty", lower_half };
