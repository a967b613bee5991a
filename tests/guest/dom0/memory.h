/* SPDX-License-Identifier: MIT */
/*
 * XENMEM_exchange: single pages for a run of them, and back.
 */
#ifndef DOM0_MEMORY_H
#define DOM0_MEMORY_H

enum { ORDER = 6, PAGES = 1 << ORDER, BITS_32 = 32, ADDRESS_PSEUDO = 0x12340 };

/* Every second one is given, so that what is given has gaps. */
static uint8_t pool[2 * PAGES][PAGE] __attribute__((aligned(PAGE)));
static uint64_t in_list[PAGES], out_list[PAGES];

static long exchange(unsigned in_order, unsigned out_order, unsigned bits,
                     uint64_t *out_done)
{
    struct xen_memory_exchange op = {
        .in = { .extent_start = (uintptr_t)in_list,
                .nr_extents = PAGES >> in_order,
                .extent_order = in_order,
                .domid = DOMID_SELF },
        .out = { .extent_start = (uintptr_t)out_list,
                 .nr_extents = PAGES >> out_order,
                 .extent_order = out_order,
                 .mem_flags = bits,
                 .domid = DOMID_SELF },
    };
    long result =
        call(__HYPERVISOR_memory_op, XENMEM_exchange, (uintptr_t)&op, 0);

    *out_done = op.nr_exchanged;
    return result;
}

static bool run_is_good(uint64_t frame)
{
    if (frame % PAGES || frame + PAGES > 1ull << (BITS_32 - 12)) {
        guest_fail("dom0", "the run begins at frame %x", (unsigned)frame);
        return false;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        if (pseudo_of(frame + i) != ADDRESS_PSEUDO + i) {
            guest_fail("dom0", "page %u of the run is not known", i);
            return false;
        }
        if (!map(pool[2 * i], (frame + i) * PAGE | ENTRY))
            return false;
        *(volatile uint64_t *)pool[2 * i] = frame + i;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        if (*(volatile uint64_t *)pool[2 * i] != frame + i)
            return is("a page of the run", 0, 1);
    }
    return true;
}

static bool unmap_pool(void)
{
    for (unsigned i = 0; i < PAGES; i++) {
        if (!map(pool[2 * i], 0))
            return false;
    }
    return true;
}

static bool forth_and_back(void)
{
    uint64_t done, frame;

    for (unsigned i = 0; i < PAGES; i++)
        in_list[i] = frame_of(pool[2 * i]);
    out_list[0] = ADDRESS_PSEUDO;
    if (!is("exchange of what is mapped", exchange(0, ORDER, BITS_32, &done),
            -XEN_EINVAL) ||
        !is("which has exchanged", (long)done, 0) || !unmap_pool() ||
        !is("exchange for what there cannot be", exchange(0, ORDER, 13, &done),
            -XEN_ENOMEM) ||
        !is("exchange", exchange(0, ORDER, BITS_32, &done), 0) ||
        !is("it has exchanged", (long)done, PAGES) ||
        !run_is_good(out_list[0]) || !unmap_pool())
        return false;

    in_list[0] = frame = out_list[0];
    for (unsigned i = 0; i < PAGES; i++)
        out_list[i] = ADDRESS_PSEUDO + 2 * i;
    if (!is("exchange back", exchange(ORDER, 0, 0, &done), 0) ||
        !is("it has exchanged", (long)done, 1))
        return false;
    for (unsigned i = 0; i < PAGES; i++) {
        if (pseudo_of(out_list[i]) != ADDRESS_PSEUDO + 2 * i)
            return is("a page that came back", (long)i, -1);
        in_list[i] = out_list[i];
    }
    /* One frame in the place of two. */
    in_list[1] = in_list[0];
    out_list[0] = ADDRESS_PSEUDO;
    return is("exchange of one frame twice", exchange(0, ORDER, BITS_32, &done),
              -XEN_EINVAL) &&
           is("which has exchanged", (long)done, 0) &&
           pseudo_of(in_list[0]) == ADDRESS_PSEUDO;
}

static inline void dom0_memory(void)
{
    if (forth_and_back())
        guest_pass("exchange");
}

#endif /* DOM0_MEMORY_H */
