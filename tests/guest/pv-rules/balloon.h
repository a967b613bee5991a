/* SPDX-License-Identifier: MIT */
/*
 * Memory: the list of frames against the table of the other direction; pages
 * given back and taken again.
 */
#ifndef RULES_BALLOON_H
#define RULES_BALLOON_H

enum { GIVEN = 1200, NEW_PSEUDO = 0x123400 };

static uint8_t given_pages[GIVEN][PAGE] __attribute__((aligned(PAGE)));
static uint64_t extents[GIVEN];

static inline void rules_p2m(void)
{
    const struct start_info *start = boot_private.xen_start_info;

    for (uint64_t i = 0; i < start->nr_pages; i++) {
        if (p2m()[i] == start->shared_info / PAGE) {
            guest_fail("p2m", "page %u is shared_info", (unsigned)i);
            return;
        }
        if (pseudo_of(p2m()[i]) != i) {
            guest_fail("p2m", "page %u is %x by its frame", (unsigned)i,
                       (unsigned)pseudo_of(p2m()[i]));
            return;
        }
    }
    guest_pass("p2m");
}

static long pages_now(void)
{
    uint16_t domid = DOMID_SELF;

    return call(__HYPERVISOR_memory_op, XENMEM_current_reservation,
                (uintptr_t)&domid, 0);
}

/* start/xen_call.S: through the page of hypercalls. */
long xen_hypercall(unsigned number, uintptr_t a1, uintptr_t a2, uintptr_t a3);

/* By that page: with libxenshim.a it is another way in. */
static long reserve(unsigned command, unsigned order, uint64_t count)
{
    struct xen_memory_reservation op = {
        .extent_start = (uintptr_t)extents,
        .nr_extents = count,
        .extent_order = order,
        .domid = DOMID_SELF,
    };

    return xen_hypercall(__HYPERVISOR_memory_op, command, (uintptr_t)&op, 0);
}

/* A frame that is another's now, or nobody's: it is not to be mapped. */
static bool give_all(void)
{
    long before = pages_now();

    for (unsigned i = 0; i < GIVEN; i++) {
        extents[i] = frame_of(given_pages[i]);
        if (!map(given_pages[i], 0))
            return false;
    }
    return is("decrease_reservation",
              reserve(XENMEM_decrease_reservation, 0, GIVEN), GIVEN) &&
           is("pages then", pages_now(), before - GIVEN) &&
           is("a page that was given back",
              try_map(given_pages[0], extents[0] * PAGE | ENTRY), -XEN_EBUSY) &&
           is("given back again", reserve(XENMEM_decrease_reservation, 0, 1),
              0) &&
           is("its number", pseudo_of(extents[1]) == UINT64_MAX, true);
}

static bool take_all(void)
{
    long before = pages_now();

    for (unsigned i = 0; i < GIVEN; i++)
        extents[i] = NEW_PSEUDO + i;
    if (!is("populate_physmap", reserve(XENMEM_populate_physmap, 0, GIVEN),
            GIVEN) ||
        !is("pages then", pages_now(), before + GIVEN))
        return false;
    for (unsigned i = 0; i < GIVEN; i++) {
        volatile uint64_t *word = (volatile uint64_t *)given_pages[i];

        if (pseudo_of(extents[i]) != NEW_PSEUDO + i)
            return is("the number of a page that was taken",
                      (long)pseudo_of(extents[i]), NEW_PSEUDO + i);
        if (!map(given_pages[i], extents[i] * PAGE | ENTRY))
            return false;
        *word = i;
    }
    for (unsigned i = 0; i < GIVEN; i++) {
        if (*(volatile uint64_t *)given_pages[i] != i)
            return is("a page that was taken", (long)i, -1);
    }
    return true;
}

static inline void rules_balloon(void)
{
    if (give_all() && take_all())
        guest_pass("balloon");
}

#endif /* RULES_BALLOON_H */
