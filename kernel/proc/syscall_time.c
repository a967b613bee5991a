/* SPDX-License-Identifier: MIT */
/*
 * System calls about time.
 *
 * Source: Linux include/uapi/linux/time.h (the clocks), kernel/time/
 *         hrtimer.c and posix-timers.c (what is refused).
 */
#include <pvops/time.h>

#include "proc/errno.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#define NS_PER_S UINT64_C(1000000000)

enum {
    CLOCK_REALTIME = 0,
    CLOCK_MONOTONIC = 1,
    CLOCK_MONOTONIC_RAW = 4,
    CLOCK_REALTIME_COARSE = 5,
    CLOCK_MONOTONIC_COARSE = 6,
    CLOCK_BOOTTIME = 7,
};

/* struct timespec */
struct moment {
    int64_t s, ns;
};

/* In 2262 and later: never. */
static uint64_t ns_of(const struct moment *moment)
{
    if ((uint64_t)moment->s >= INT64_MAX / NS_PER_S)
        return INT64_MAX;
    return (uint64_t)moment->s * NS_PER_S + (uint64_t)moment->ns;
}

/* Only a signal that ends it interrupts it: nobody sees what is left. */
long call_nanosleep(struct trap_frame *frame)
{
    struct moment wanted;
    uint64_t until;
    long result = space_copy_in(process_current()->space, &wanted, frame->di,
                                sizeof(wanted));

    if (result)
        return result;
    if (wanted.s < 0 || (uint64_t)wanted.ns >= NS_PER_S)
        return -EINVAL;
    until = pvops_time_now_ns() + ns_of(&wanted);
    while (pvops_time_now_ns() < until) {
        if (!process_wait(NULL, until))
            return -EINTR;
    }
    return 0;
}

/* The wall clock is asked once: a CMOS takes milliseconds, and is coarse. */
static uint64_t wall_ns(void)
{
    static uint64_t start_ns;

    if (!start_ns)
        start_ns = pvops_time_wall_ns() - pvops_time_now_ns();
    return start_ns + pvops_time_now_ns();
}

static long give(uint64_t to, uint64_t ns)
{
    struct moment now = {
        .s = (int64_t)(ns / NS_PER_S),
        .ns = (int64_t)(ns % NS_PER_S),
    };

    return space_copy_out(process_current()->space, to, &now, sizeof(now));
}

long call_clock_gettime(struct trap_frame *frame)
{
    switch ((int)frame->di) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return give(frame->si, wall_ns());
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        return give(frame->si, pvops_time_now_ns());
    default:
        return -EINVAL;
    }
}
