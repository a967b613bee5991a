/* SPDX-License-Identifier: MIT */
/*
 * Xen's time: the page in vcpu_info, the wall clock, the run state, the timer.
 */
#include "report/xen.h"

enum { DUE_NS = 2000000, WAIT_US = 300000, POLL_NS = 1000000 };

static const volatile struct report_pvclock *time_page(void)
{
    volatile uint8_t *vcpu = machine_xen_vcpu();

    return vcpu ? (const volatile struct report_pvclock *)(vcpu + XEN_VCPU_TIME)
                : NULL;
}

void probe_xen_time(struct report_try *try)
{
    if (!time_page())
        try_untried(try, "neither vcpu_info nor shared_info is mapped");
    else if (report_pvclock_judge(try, time_page()))
        try_right(try, "steady, in step with the TSC");
}

void probe_xen_wall(struct report_try *try)
{
    const volatile uint8_t *shared = machine_xen_shared();
    const volatile uint32_t *wall;

    if (!shared) {
        try_untried(try, "shared_info is not mapped");
        return;
    }
    wall = (const volatile uint32_t *)(shared + XEN_SHARED_WALL);
    if (wall[0] & 1)
        try_wrong(try, "its version stays odd");
    else if (wall[1] < 1577836800u || wall[2] >= 1000000000u)
        try_wrong(try, "%u.%09u s since 1970", (unsigned)wall[1],
                  (unsigned)wall[2]);
    else
        try_right(try, "the system time began %u s after 1970",
                  (unsigned)wall[1]);
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

static bool is_pending(unsigned port)
{
    volatile uint8_t *shared = machine_xen_shared();
    volatile uintptr_t *words =
        (volatile uintptr_t *)(shared + XEN_SHARED_PENDING);

    return words[port / XEN_SHARED_WORDS] >> port % XEN_SHARED_WORDS & 1;
}

/* Its event is left pending: the library takes it when interrupts are on. */
void probe_xen_timer(struct report_try *try)
{
    static struct xen_timer timer;
    uint64_t now = 0, then = 0, start, ticks = report_ticks(WAIT_US);
    unsigned port = machine_xen_timer();
    long result;

    if (!port || !machine_xen_shared() || !time_page() ||
        !report_pvclock_ns(time_page(), &now)) {
        try_untried(try, "the library has not bound VIRQ_TIMER");
        return;
    }
    timer = (struct xen_timer){ now + DUE_NS, 0 };
    machine_wait(~0u, report_ticks(100));
    if (!xen_call(XEN_VCPU_OP, VCPUOP_SINGLESHOT, 0, (uintptr_t)&timer,
                  &result) ||
        result) {
        try_wrong(try, "answers %ld", result);
        return;
    }
    start = machine_tsc();
    while (!is_pending(port) && machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    report_pvclock_ns(time_page(), &then);
    if (!is_pending(port))
        try_wrong(try, "set to 2 ms, no event in 300 ms");
    else if (then + 1000 < timer.at_ns)
        try_wrong(try, "%llu ns early",
                  (unsigned long long)(timer.at_ns - then));
    else
        try_right(try, "an event %llu us behind its time",
                  (unsigned long long)((then - timer.at_ns) >> 10));
    machine_wait(~0u, report_ticks(100));
}

/* Of no port: it comes back when the time is over. */
void probe_xen_poll(struct report_try *try)
{
    static struct xen_poll poll;
    uint64_t now = 0, then = 0;
    long result;

    if (!time_page() || !report_pvclock_ns(time_page(), &now)) {
        try_untried(try, "there is no time to name");
        return;
    }
    poll = (struct xen_poll){ NULL, 0, now + POLL_NS };
    if (!xen_call(XEN_SCHED_OP, SCHEDOP_POLL, (uintptr_t)&poll, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, true))
        return;
    else if (result)
        try_wrong(try, "answers %ld", result);
    report_pvclock_ns(time_page(), &then);
    try_right(try, "back after %llu us",
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
