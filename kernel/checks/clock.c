/* SPDX-License-Identifier: MIT */
/*
 * The clock: it never goes back, and it keeps the time.
 */
#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "checks/check.h"
#include "checks/reference.h"
#include "core/divide.h"
#include "core/log.h"
#include "core/main.h"

/*
 * Damage:  clock.c, tsc_ns(): "ticks -= ticks & 65536".
 */
static void monotonic(void)
{
    enum { LEAST = 1000, NS = 100000000 };
    uint64_t before = pvops_time_now_ns(), first = before;

    /* Where a read costs an exit to the hypervisor there are fewer. */
    for (unsigned i = 0; i < LEAST || before - first < NS; i++) {
        uint64_t now = pvops_time_now_ns();

        CHECK(now >= before, "read %u went back by %llu ns", i,
              (unsigned long long)(before - now));
        before = now;
        CHECK(i != LEAST || before > first, "the clock stands still");
    }
}
const struct check check_clock_monotonic = { "clock-never-goes-back",
                                             monotonic };

enum { NS_PER_S = 1000000000, PPM = 100, ATTEMPTS = 3 };

/* How far our clock is ahead of the other after a second by the latter. */
static int64_t compare(const struct reference *reference)
{
    struct reference_sample start, end;
    uint64_t ticks, whole_ns, rest_ns;
    uint32_t rest;

    reference_sample(reference, &start);
    check_sleep_until(start.ns + NS_PER_S);
    reference_sample(reference, &end);

    ticks = (end.ticks - start.ticks) & reference->mask;
    whole_ns = divide(ticks, reference->hz, &rest) * NS_PER_S;
    rest_ns = divide((uint64_t)rest * NS_PER_S, reference->hz, &rest);
    return (int64_t)(end.ns - start.ns) - (int64_t)(whole_ns + rest_ns);
}

/*
 * Within 100 ppm of the platform's other clock over one second. A wrong rate
 * is wrong each time; one good second in three is asked for, because the
 * machine may stop this CPU between two reads.
 *
 * Damage:  clock.c, tsc_ns(): "mul + (mul >> 12)": 244 ppm.
 */
static void agrees(void)
{
    struct reference reference;
    int64_t ahead_ns = 0;

    if (!reference_find(&kernel.acpi, &kernel.info, &reference)) {
        check_skip("this platform has no other clock to compare with");
        return;
    }
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        ahead_ns = compare(&reference);
        log_line("clock: %lld ns ahead of the %s after a second",
                 (long long)ahead_ns, reference.name);
        if (ahead_ns <= PPM * 1000 && ahead_ns >= -PPM * 1000)
            return;
    }
    check_fail("%lld ns ahead of the %s after a second", (long long)ahead_ns,
               reference.name);
}
const struct check check_clock_agrees = { "clock-agrees", agrees };

/*
 * The lab compares the line with its own clock (docs/console.md).
 *
 * Damage:  cmos.c: "time.seconds + 5": pvlab says FAIL.
 */
static void wall(void)
{
    uint64_t ns = pvops_time_wall_ns();
    uint32_t rest;
    uint64_t s = divide(ns, NS_PER_S, &rest);

    if (!ns) {
        check_skip("nobody here knows the time of day");
        return;
    }
    /* CMOS knows whole seconds: without decimals it is the one that goes on. */
    if (rest)
        log_plain("PVLAB INFO wall=%llu.%03u", (unsigned long long)s,
                  rest / 1000000);
    else
        log_plain("PVLAB INFO wall=%llu", (unsigned long long)s);
}
const struct check check_wall = { "wall-clock", wall };
