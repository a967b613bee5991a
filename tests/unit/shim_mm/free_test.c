/* SPDX-License-Identifier: MIT */
/*
 * Runs of free frames: aligned, the lowest, or the one that is wished for.
 *
 * Tried, each fails here: steps of one frame; an end that a run may pass; a
 * wish that need not be aligned, or free; free_set() that forgets what a frame
 * was; free_can_be() that does not look at uses; 'lowest' that does not go down
 * again (it is looked for without end).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "domain/free.h"
#include "memory.h"
#include "mm/flush.h"

/* Those of FIRST_FREE on are the guest's at first: see memory.h. */
static void give(uint64_t frame, uint64_t count)
{
    assert_true(free_can_be(frame, count));
    free_set(frame, count, FRAME_FREE);
}

static void take(uint64_t frame, uint64_t count)
{
    free_set(frame, count, FRAME_GUEST);
}

static void what_can_be_given(void **state)
{
    (void)state;
    assert_true(free_can_be(FIRST_FREE, 1));
    assert_true(free_can_be(FIRST_FREE, FRAMES - FIRST_FREE));
    assert_false(free_can_be(FRAME_DEVICE, 1));
    assert_false(free_can_be(0, 1));
    assert_false(free_can_be(FRAMES - 1, 2));
    assert_false(free_can_be(FRAMES, 1));
    assert_false(free_can_be(UINT64_MAX, 2));
    assert_int_equal(frame_get(20, FRAME_WRITABLE), 0);
    assert_false(free_can_be(20, 1));
    assert_false(free_can_be(18, 3));
    frame_put(20);
    give(20, 1);
    assert_false(free_can_be(20, 1));
    take(20, 1);
}

static void the_lowest_aligned_run(void **state)
{
    (void)state;
    assert_int_equal(free_find(0, FRAMES, FREE_NONE), FREE_NONE);
    give(29, 11); /* to 39 */
    assert_int_equal(free_find(0, FRAMES, FREE_NONE), 29);
    assert_int_equal(free_find(1, FRAMES, FREE_NONE), 30);
    assert_int_equal(free_find(2, FRAMES, FREE_NONE), 32);
    assert_int_equal(free_find(3, FRAMES, FREE_NONE), 32);
    assert_int_equal(free_find(4, FRAMES, FREE_NONE), FREE_NONE);
    /* Below an end. */
    assert_int_equal(free_find(3, 40, FREE_NONE), 32);
    assert_int_equal(free_find(3, 39, FREE_NONE), FREE_NONE);
    assert_int_equal(free_find(0, 29, FREE_NONE), FREE_NONE);
    assert_int_equal(free_find(0, UINT64_MAX, FREE_NONE), 29);
    take(29, 11);
    /* What is lower is found again. */
    give(50, 1);
    assert_int_equal(free_find(0, FRAMES, FREE_NONE), 50);
    give(10, 1);
    assert_int_equal(free_find(0, FRAMES, FREE_NONE), 10);
    take(50, 1);
    take(10, 1);
    assert_int_equal(free_find(0, FRAMES, FREE_NONE), FREE_NONE);
}

static void a_wish(void **state)
{
    (void)state;
    give(24, 24); /* to 47 */
    assert_int_equal(free_find(2, FRAMES, 40), 40);
    assert_int_equal(free_find(2, FRAMES, 41), 24);
    assert_int_equal(free_find(2, FRAMES, 48), 24);
    assert_int_equal(free_find(2, 43, 40), 24);
    assert_int_equal(free_find(3, FRAMES, 40), 40);
    take(47, 1);
    assert_int_equal(free_find(3, FRAMES, 40), 24);
    take(24, 23);
}

/* frame.c knows by it what a CPU may still have. */
static void what_it_was_is_kept(void **state)
{
    uint64_t word;

    (void)state;
    flush_everywhere();
    assert_int_equal(frame_get(20, FRAME_WRITABLE), 0);
    frame_put(20);
    word = frames[20];
    give(20, 1);
    assert_int_equal(frame_owner(20), FRAME_FREE);
    take(20, 1);
    assert_int_equal(frames[20], word);
    flushes = 0;
    assert_int_equal(frame_pin(20, FRAME_L1), 0);
    assert_int_equal(flushes, 1);
    assert_int_equal(frame_unpin(20), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_can_be_given, memory_setup),
        cmocka_unit_test_setup(the_lowest_aligned_run, memory_setup),
        cmocka_unit_test_setup(a_wish, memory_setup),
        cmocka_unit_test_setup(what_it_was_is_kept, memory_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
