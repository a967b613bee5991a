/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a guest: what an entry may be, and what it uses.
 *
 * Source: Xen 4.17 xen/arch/x86/mm.c (error numbers).
 * Tried, each fails here: adjust_l1() without the user bit; get_l1() without
 * the owner; release_entries() one entry short; end_type() left out, without
 * is_table(), without "old != type"; put_table() that does not stamp; an epoch
 * or a type that frame_get() forgets; shims_slot() always false;
 * may_be_cached() always false.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "abi/xen.h"
#include "memory.h"
#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/memory.h"
#include "mm/table.h"

enum { ROOT = 8, L3 = 9, L2 = 10, L1 = 11, PAGE = 12, OTHER = 20 };

#define LARGE 0x80ull
#define PCD   0x10ull
#define PWT   0x8ull

static void a_tree_counts_once_each(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    table_at(L1)[511] = to(PAGE + 1, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned i = ROOT; i <= PAGE + 1; i++)
        assert_int_equal(uses(i), 1);
    assert_int_equal(frame_type(frames[L1]), FRAME_L1);
    assert_int_equal(frame_type(frames[PAGE]), FRAME_WRITABLE);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), -XEN_EINVAL);
    assert_int_equal(uses(ROOT), 1);

    assert_int_equal(frame_unpin(ROOT), 0);
    for (unsigned i = ROOT; i <= PAGE + 1; i++)
        assert_int_equal(uses(i), 0);
    assert_int_equal(frame_unpin(ROOT), -XEN_EINVAL);
}

static void entries_become_ring_3s(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    table_at(L1)[1] = to(PAGE, P | U);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_int_equal(table_at(ROOT)[0], to(L3, P | W | U));
    assert_int_equal(table_at(L2)[0], to(L1, P | W | U));
    assert_int_equal(table_at(L1)[0], to(PAGE, P | W | U | GK));
    assert_int_equal(table_at(L1)[1], to(PAGE, P | U | G));

    /* As it was read it can be written again. */
    assert_int_equal(table_store(L1, 2, table_at(L1)[0], false), 0);
    assert_int_equal(table_store(L1, 3, table_at(L1)[1], false), 0);
    assert_int_equal(table_at(L1)[2], table_at(L1)[0]);
    assert_int_equal(uses(PAGE), 2);
}

static void a_table_is_never_writable(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned i = ROOT; i <= L1; i++) {
        assert_int_equal(table_store(L1, 5, to(i, P | W), false), -XEN_EBUSY);
        assert_int_equal(table_at(L1)[5], 0);
        assert_int_equal(table_store(L1, 5, to(i, P), false), 0);
        assert_int_equal(table_store(L1, 5, 0, false), 0);
        assert_int_equal(uses(i), 1);
    }
    /* Nor is what is writable a table. */
    assert_int_equal(frame_pin(PAGE, FRAME_L1), -XEN_EINVAL);
    assert_int_equal(table_store(L2, 1, to(PAGE, P), false), -XEN_EINVAL);
    assert_int_equal(table_at(L2)[1], 0);
    assert_int_equal(uses(PAGE), 1);
}

static void a_frame_once_writable_is_flushed(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_int_equal(flushes, 0);

    assert_int_equal(table_store(L1, 0, to(PAGE, P), false), 0);
    assert_int_equal(frame_pin(PAGE, FRAME_L1), 0);
    assert_int_equal(flushes, 1);
    assert_int_equal(frame_unpin(PAGE), 0);
    assert_int_equal(frame_pin(PAGE, FRAME_L1), 0);
    assert_int_equal(flushes, 1);
}

/* T is reached by L2's entry 1, and pinned besides. */
static void give_up(uint64_t frame)
{
    assert_int_equal(table_store(L2, 1, to(frame, P | W), false), 0);
    assert_int_equal(frame_pin(frame, FRAME_L1), 0);
    assert_int_equal(table_store(L2, 1, 0, false), 0);
    assert_int_equal(uses(frame), 1);
    assert_int_equal(frame_unpin(frame), 0);
    assert_int_equal(uses(frame), 0);
}

/* A CPU may still walk it, until all is forgotten. */
static void a_frame_once_a_table_is_flushed(void **state)
{
    enum { T = OTHER, T2 = OTHER + 1 };

    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);

    give_up(T);
    give_up(T2);
    assert_int_equal(flushes, 0);
    assert_int_equal(table_store(L1, 1, to(T, P | W), false), 0);
    assert_int_equal(flushes, 1);
    /* By the same flush. */
    assert_int_equal(table_store(L1, 2, to(T2, P | W), false), 0);
    assert_int_equal(flushes, 1);
    assert_int_equal(table_store(L1, 1, 0, false), 0);
    assert_int_equal(table_store(L1, 2, 0, false), 0);
    flush_everywhere();
    flushes = 0;

    /* As what it was it can be walked; and is not forgotten by that. */
    give_up(T);
    assert_int_equal(frame_pin(T, FRAME_L1), 0);
    assert_int_equal(frame_unpin(T), 0);
    assert_int_equal(flushes, 0);
    assert_int_equal(frame_pin(T, FRAME_L2), 0);
    assert_int_equal(flushes, 1);
    assert_int_equal(frame_unpin(T), 0);

    /* Nor by a table that cannot be one. */
    give_up(T);
    table_at(T)[7] = to(0, P | W);
    assert_int_equal(frame_pin(T, FRAME_L1), -XEN_EBUSY);
    flushes = 0;
    assert_int_equal(table_store(L1, 1, to(T, P | W), false), 0);
    assert_int_equal(flushes, 1);
}

static void a_level_leads_to_the_next(void **state)
{
    static const struct {
        unsigned table, leads_to;
    } wrong[] = { { ROOT, L2 }, { ROOT, L1 }, { L3, L1 },
                  { L2, L3 },   { L3, ROOT }, { L2, L2 + OTHER } };

    (void)state;
    chain(ROOT, P | W);
    chain(ROOT + OTHER, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_int_equal(frame_pin(ROOT + OTHER, FRAME_L4), 0);
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(
            table_store(wrong[i].table, 7, to(wrong[i].leads_to, P | W), false),
            -XEN_EINVAL);
        assert_int_equal(uses(wrong[i].leads_to), 1);
    }
}

/* A root may have itself, and another root, as a window on tables. */
static void linear_entries_are_read_only(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    chain(ROOT + OTHER, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_int_equal(frame_pin(ROOT + OTHER, FRAME_L4), 0);
    assert_int_equal(table_store(ROOT, 300, to(ROOT, P | W), false),
                     -XEN_EINVAL);
    assert_int_equal(table_store(ROOT, 300, to(ROOT, P), false), 0);
    assert_int_equal(uses(ROOT), 1);
    assert_int_equal(table_store(ROOT, 301, to(ROOT + OTHER, P), false), 0);
    assert_int_equal(uses(ROOT + OTHER), 2);
    assert_int_equal(frame_unpin(ROOT), 0);
    assert_int_equal(uses(ROOT), 0);
    assert_int_equal(uses(ROOT + OTHER), 1);
}

static void the_shims_slots_are_its_own(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    table_at(ROOT)[256] = to(PAGE, P | W);
    table_at(ROOT)[271] = to(2, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned i = 0; i < 16; i++) {
        assert_int_equal(table_at(ROOT)[256 + i], table_shim_slots[i]);
        assert_int_equal(table_store(ROOT, 256 + i, 0, false), -XEN_EINVAL);
        assert_int_equal(table_store(ROOT, 256 + i, to(L3, P), false),
                         -XEN_EINVAL);
    }
    assert_int_equal(uses(L3), 1);
    assert_int_equal(frame_unpin(ROOT), 0);
}

static void the_shims_frames_are_its_own(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned i = 0; i < FRAMES_SHIMS; i++) {
        assert_int_equal(table_store(L1, 9, to(i, P), false), -XEN_EBUSY);
        assert_int_equal(table_store(L1, 9, to(i, P | W | U), false),
                         -XEN_EBUSY);
        assert_int_equal(table_store(L2, 9, to(i, P), false), -XEN_EINVAL);
        assert_int_equal(frame_pin(i, FRAME_L1), -XEN_EINVAL);
        assert_int_equal(uses(i), 0);
    }
    assert_int_equal(table_at(L1)[9], 0);
}

static void devices_are_not_cached(void **state)
{
    static const uint64_t places[] = { FRAME_DEVICE, 99, 1ull << 39 };

    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(table_store(L1, 1, to(places[i], P | W), false), 0);
        assert_int_equal(table_at(L1)[1],
                         to(places[i], P | W | U | GK | PCD | PWT));
        assert_int_equal(
            table_store(L1, 1, to(places[i], P | W | LARGE), false), 0);
        /* Write-combining, as Xen has it in the PAT. */
        assert_int_equal(table_at(L1)[1],
                         to(places[i], P | W | U | GK | LARGE));
    }
    assert_int_equal(table_store(L1, 1, to(FRAME_APIC, P | W), false),
                     -XEN_EPERM);
    assert_int_equal(table_store(L1, 1, to((1ull << 40) - 1, P), false),
                     -XEN_EINVAL);
    assert_int_equal(table_store(L2, 1, to(FRAME_DEVICE, P), false),
                     -XEN_EINVAL);
}

static void other_bits_are_refused(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    for (unsigned table = ROOT; table <= L2; table++) {
        static const uint64_t bits[] = { LARGE, G, PCD, PWT };

        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(
                table_store(table, 0, table_at(table)[0] | bits[i], false),
                -XEN_EINVAL);
            assert_int_equal(
                table_store(table, 1, table_at(table)[0] | bits[i], false),
                -XEN_EINVAL);
        }
        assert_int_equal(uses(table + 1), 1);
    }
    /* The guest's own, and not to be executed. */
    assert_int_equal(
        table_store(L1, 1, to(PAGE, P | 0x8ff0000000000e00), false), 0);
}

static void what_fails_leaves_nothing(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    for (unsigned i = 1; i < 500; i++)
        table_at(L1)[i] = to(PAGE + i % 4, P | W);
    table_at(L1)[500] = to(0, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), -XEN_EBUSY);
    for (unsigned i = ROOT; i <= PAGE + 4; i++)
        assert_int_equal(uses(i), 0);
    table_at(L1)[500] = 0;
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_int_equal(
        uses(PAGE) + uses(PAGE + 1) + uses(PAGE + 2) + uses(PAGE + 3), 500);
}

static void accessed_and_dirty_are_kept(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    table_at(L1)[0] |= A | D;
    assert_int_equal(table_store(L1, 0, to(PAGE, P), true), 0);
    assert_int_equal(table_at(L1)[0], to(PAGE, P | U | GK | A | D));
    assert_int_equal(table_store(L1, 0, to(PAGE, P), false), 0);
    assert_int_equal(table_at(L1)[0], to(PAGE, P | U | GK));
}

static void an_address_is_found(void **state)
{
    (void)state;
    chain(ROOT, P | W);
    assert_int_equal(frame_pin(ROOT, FRAME_L4), 0);
    assert_ptr_equal(table_find(ROOT << 12, 0), &table_at(L1)[0]);
    assert_ptr_equal(table_find(ROOT << 12, 0x5fff), &table_at(L1)[5]);
    assert_null(table_find(ROOT << 12, 0x200000));
    assert_null(table_find(ROOT << 12, 0x8000000000));
    assert_null(table_find(ROOT << 12, SHIM_BEGIN));
    assert_null(table_find(ROOT << 12, SHIM_END - 1));
}

/* What all the valid tables lead to, counted anew. */
static void recount(unsigned counts[FRAMES])
{
    for (unsigned i = 0; i < FRAMES; i++)
        counts[i] = frames[i] & FRAME_PINNED ? 1 : 0;
    for (unsigned i = FIRST_FREE; i < FRAMES; i++) {
        unsigned level = frame_type(frames[i]);

        if (level < FRAME_L1 || level > FRAME_L4 || !uses(i))
            continue;
        for (unsigned k = 0; k < 512; k++) {
            uint64_t entry = table_at(i)[k];
            uint64_t frame = entry >> 12 & 0xffffffffff;

            if (!(entry & P) || (level == 4 && k >= 256 && k <= 271) ||
                frame >= FRAMES || frame == FRAME_DEVICE || frame == i)
                continue;
            assert_true(frame >= FIRST_FREE);
            if (level > 1 || (entry & W))
                counts[frame]++;
        }
    }
}

static uint32_t seed = 1;

static uint32_t random_below(uint32_t end)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % end;
}

static void counts_are_right_whatever_is_done(void **state)
{
    static const uint64_t flags[] = { 0, P, P | W, P | W | U, P | U };
    unsigned counts[FRAMES], done = 0;

    (void)state;
    for (unsigned i = 0; i < 40000; i++) {
        uint64_t frame = random_below(FRAMES), target = random_below(FRAMES);
        uint64_t value = to(target, flags[random_below(5)]);
        unsigned index =
            random_below(2) ? random_below(4) : 255 + random_below(20);
        enum frame_type type = frame_type(frames[frame]);

        switch (random_below(8)) {
        case 0:
            done +=
                frame_pin(frame, (enum frame_type)(1 + random_below(4))) == 0;
            break;
        case 1:
            done += frame_unpin(frame) == 0;
            break;
        default:
            if (!uses(frame) && frame >= FIRST_FREE)
                table_at(frame)[index] = value;
            else if (type >= FRAME_L1 && type <= FRAME_L4 && uses(frame))
                done += table_store(frame, index, value, random_below(2)) == 0;
            break;
        }
        if (i % 16)
            continue;
        recount(counts);
        for (unsigned k = 0; k < FRAMES; k++)
            assert_int_equal(uses(k), counts[k]);
    }
    assert_true(done > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_tree_counts_once_each, memory_setup),
        cmocka_unit_test_setup(entries_become_ring_3s, memory_setup),
        cmocka_unit_test_setup(a_table_is_never_writable, memory_setup),
        cmocka_unit_test_setup(a_frame_once_writable_is_flushed, memory_setup),
        cmocka_unit_test_setup(a_frame_once_a_table_is_flushed, memory_setup),
        cmocka_unit_test_setup(a_level_leads_to_the_next, memory_setup),
        cmocka_unit_test_setup(linear_entries_are_read_only, memory_setup),
        cmocka_unit_test_setup(the_shims_slots_are_its_own, memory_setup),
        cmocka_unit_test_setup(the_shims_frames_are_its_own, memory_setup),
        cmocka_unit_test_setup(devices_are_not_cached, memory_setup),
        cmocka_unit_test_setup(other_bits_are_refused, memory_setup),
        cmocka_unit_test_setup(what_fails_leaves_nothing, memory_setup),
        cmocka_unit_test_setup(accessed_and_dirty_are_kept, memory_setup),
        cmocka_unit_test_setup(an_address_is_found, memory_setup),
        cmocka_unit_test_setup(counts_are_right_whatever_is_done, memory_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
