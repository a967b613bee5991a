/* SPDX-License-Identifier: MIT */
/*
 * The frequency of the time stamp counter, by this machine's own clock.
 */
#include "platform/tsc.h"

#include <time.h>
#include <x86intrin.h>

enum {
    TRIES = 20,
    LEAST_NS = 20000000, /* from the start to the middle */
    CHECK_NS = 10000000, /* from there to the end */
    /* In parts of the frequency: 0.2 %. */
    UNSTEADY = 500,
    LEAST_KHZ = 100000,
    MOST_KHZ = 20000000,
};

/* Of several readings the one that was interrupted least. */
void tsc_mark(struct tsc_mark *out_mark)
{
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < TRIES; i++) {
        struct timespec now;
        uint64_t before, after;

        before = __rdtsc();
        clock_gettime(CLOCK_MONOTONIC, &now);
        after = __rdtsc();
        if (after - before >= best)
            continue;
        best = after - before;
        out_mark->ticks = before + best / 2;
        out_mark->ns =
            (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    }
}

/* A counter that went back (another CPU's) comes out as absurdly fast. */
static double khz_between(const struct tsc_mark *from,
                          const struct tsc_mark *to)
{
    if (to->ns <= from->ns)
        return 0;
    return (double)(to->ticks - from->ticks) * 1e6 /
           (double)(to->ns - from->ns);
}

unsigned tsc_khz_of(const struct tsc_mark *start, const struct tsc_mark *middle,
                    const struct tsc_mark *end)
{
    double khz = khz_between(start, middle);
    double check = khz_between(middle, end);
    double apart = khz > check ? khz - check : check - khz;

    if (khz < LEAST_KHZ || khz > MOST_KHZ || apart * UNSTEADY > khz)
        return 0;
    return (unsigned)(khz + 0.5);
}

static void sleep_ns(uint64_t ns)
{
    struct timespec wait = { .tv_nsec = (long)ns };

    nanosleep(&wait, NULL);
}

unsigned tsc_khz_since(const struct tsc_mark *start)
{
    struct tsc_mark middle, end;

    tsc_mark(&middle);
    if (middle.ns - start->ns < LEAST_NS) {
        sleep_ns(LEAST_NS - (middle.ns - start->ns));
        tsc_mark(&middle);
    }
    sleep_ns(CHECK_NS);
    tsc_mark(&end);
    return tsc_khz_of(start, &middle, &end);
}
