/* SPDX-License-Identifier: MIT */
/*
 * Xen's time: the page in vcpu_info, the wall clock, the run state, a poll.
 */
#include "report/xen.h"

enum {
    LOOKS = 100000, /* at a version, until it counts as odd for good */
    TRIES = 8,
    POLL_NS = 1000000,
    SLACK_NS = 1000, /* of two clocks' rounding */
    LATE_NS = 300000000,
};

const volatile struct report_pvclock *xen_time_page(void)
{
    volatile uint8_t *vcpu = machine_xen_vcpu();

    return vcpu ? (const volatile struct report_pvclock *)(vcpu + XEN_VCPU_TIME)
                : NULL;
}

void probe_xen_time(struct report_try *try)
{
    if (!xen_time_page())
        try_untried(try, "neither vcpu_info nor shared_info is mapped");
    else if (report_pvclock_judge(try, xen_time_page()))
        try_right(try, "steady, in step with the TSC");
}

/* Version, seconds, nanoseconds: of one version, and that is even. */
static bool read_wall(const volatile uint32_t *wall, uint32_t *out_sec,
                      uint32_t *out_nsec)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        uint32_t version = wall[0];

        *out_sec = wall[1];
        *out_nsec = wall[2];
        if (!(version & 1) && wall[0] == version)
            return true;
        machine_tsc(); /* time goes on */
    }
    return false;
}

void probe_xen_wall(struct report_try *try)
{
    const volatile uint8_t *shared = machine_xen_shared();
    const volatile uint32_t *wall;
    uint32_t sec, nsec;

    if (!shared) {
        try_untried(try, "shared_info is not mapped");
        return;
    }
    wall = (const volatile uint32_t *)(shared + XEN_SHARED_WALL);
    if (!read_wall(wall, &sec, &nsec))
        try_wrong(try, "its version stays odd");
    else if (sec < 1577836800u || nsec >= 1000000000u)
        try_wrong(try, "%u.%09u s since 1970", (unsigned)sec, (unsigned)nsec);
    else
        try_right(try, "the system time began %u s after 1970", (unsigned)sec);
}

void probe_xen_runstate(struct report_try *try)
{
    static struct xen_runstate state;
    long result;

    state = (struct xen_runstate){ .state = -1 };
    if (!xen_call(XEN_VCPU_OP, VCPUOP_RUNSTATE, 0, (uintptr_t)&state, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, true))
        return;
    else if (result)
        try_wrong(try, "answers %ld", result);
    else if (state.state)
        try_wrong(try, "this VCPU runs, and its state is %d", state.state);
    else if (!state.time[0])
        try_wrong(try, "this VCPU has run for 0 ns");
    else
        try_right(try, "running %llu ms, runnable %llu us",
                  (unsigned long long)(state.time[0] >> 20),
                  (unsigned long long)(state.time[1] >> 10));
}

void probe_xen_is_up(struct report_try *try)
{
    long result;

    if (!xen_call(XEN_VCPU_OP, VCPUOP_IS_UP, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result != 1)
        try_wrong(try, "this VCPU runs, and it answers %ld", result);
    else
        try_right(try, "1");
}

/* Of no port: it comes back when the time is over, and not much later. */
void probe_xen_poll(struct report_try *try)
{
    static struct xen_poll poll;
    uint64_t now = 0, then = 0;
    long result;

    /* An event, of another domain's say, may end one of them. */
    for (unsigned i = 0; i < TRIES; i++) {
        if (!xen_time_page() || !report_pvclock_ns(xen_time_page(), &now)) {
            try_untried(try, "there is no time to name");
            return;
        }
        poll = (struct xen_poll){ NULL, 0, now + POLL_NS };
        if (!xen_call(XEN_SCHED_OP, SCHEDOP_POLL, (uintptr_t)&poll, 0,
                      &result)) {
            try_wrong(try, "the hypercall instruction faults");
            return;
        }
        if (xen_is_missing(try, result, true))
            return;
        if (result) {
            try_wrong(try, "answers %ld", result);
            return;
        }
        report_pvclock_ns(xen_time_page(), &then);
        if (then - now >= POLL_NS - SLACK_NS)
            break;
    }
    if (then - now < POLL_NS - SLACK_NS)
        try_wrong(try, "1 ms, and back after %u ns", (unsigned)(then - now));
    else if (then - now > LATE_NS)
        try_wrong(try, "1 ms, and back after %llu ms",
                  (unsigned long long)(then - now) >> 20);
    else
        try_right(try, "1 ms, and back after %llu us",
                  (unsigned long long)(then - now) >> 10);
}

/* Subleaf 0's ECX is the guest's TSC in kHz; 0 to a PV dom0 of 4.17. */
void probe_xen_leaf_3(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 3, 0, r);
    if (!r[ECX])
        try_right(try, "0 kHz: it does not say");
    else if (try_tsc_hz(try, (uint64_t)r[ECX] * 1000, "ECX"))
        try_right(try, "%u kHz", (unsigned)r[ECX]);
}
