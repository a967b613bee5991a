/* SPDX-License-Identifier: MIT */
/*
 * tsc: the frequency between two marks, and when there is none.
 *
 * Damage tried: "apart * UNSTEADY" without UNSTEADY: a counter that changed
 * its speed has one. "khz > MOST_KHZ" left out: 100 GHz is one. The check of
 * khz_between() left out: a clock that stands still tells one. 1e6 as 1e3:
 * this machine's is not found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/tsc.h"

#define SECOND UINT64_C(1000000000)

static void the_frequency_is_ticks_by_time(void **state)
{
    struct tsc_mark start = { 5, 7 };
    struct tsc_mark middle = { 5 + 2596118 * 20, 7 + SECOND / 50 };
    struct tsc_mark end = { 5 + 2596118 * 30, 7 + SECOND / 100 * 3 };
    /* A year of it. */
    const uint64_t year = SECOND * 31536000;

    (void)state;
    assert_int_equal(2596118, tsc_khz_of(&start, &middle, &end));
    middle = (struct tsc_mark){ year / 1000000 * 2596118, year };
    end = (struct tsc_mark){ middle.ticks + 25961180, year + SECOND / 100 };
    start = (struct tsc_mark){ 0, 0 };
    assert_int_equal(2596118, tsc_khz_of(&start, &middle, &end));
}

static void an_unsteady_counter_has_none(void **state)
{
    static const struct {
        uint64_t middle, end; /* ticks after 20 and 30 ms */
    } rows[] = {
        { 52000000, 78100000 },    /* 0.4 % faster */
        { 52000000, 77900000 },    /* slower */
        { 52000000, 52000000 },    /* it stopped */
        { 52000000, 51000000 },    /* it went back */
        { 0, 26000000 },           /* it began late */
        { 0, 0 },                  /* none at all */
        { 20000, 30000 },          /* 1 MHz: none that counts time stamps */
        { 2000000000, 3000000000 } /* 100 GHz */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tsc_mark start = { 0, 0 };
        struct tsc_mark middle = { rows[i].middle, SECOND / 50 };
        struct tsc_mark end = { rows[i].end, SECOND / 100 * 3 };

        assert_int_equal(0, tsc_khz_of(&start, &middle, &end));
    }
}

static void a_clock_that_stands_still_tells_none(void **state)
{
    static const struct tsc_mark start = { 0, 5 }, still = { 1000000, 5 };
    static const struct tsc_mark later = { 52000000, SECOND / 50 + 5 };

    (void)state;
    assert_int_equal(0, tsc_khz_of(&start, &still, &later));
    assert_int_equal(0, tsc_khz_of(&start, &start, &later));
    assert_int_equal(0, tsc_khz_of(&start, &later, &later));
}

/* A busy machine may spoil a measurement, but not ten. */
static void this_machine_has_one(void **state)
{
    unsigned one = 0, other = 0;

    (void)state;
    for (int i = 0; i < 10 && !(one && other); i++) {
        struct tsc_mark start;

        tsc_mark(&start);
        one = tsc_khz_since(&start);
        other = tsc_khz_since(&start);
    }
    assert_in_range(one, 100000, 20000000);
    assert_in_range(other, one - one / 200, one + one / 200);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frequency_is_ticks_by_time),
        cmocka_unit_test(an_unsteady_counter_has_none),
        cmocka_unit_test(a_clock_that_stands_still_tells_none),
        cmocka_unit_test(this_machine_has_one),
    };

    return cmocka_run_group_tests_name("tsc", tests, NULL, NULL);
}
