/* SPDX-License-Identifier: MIT */
/*
 * Xen's timers of this VCPU: set, and the event comes; stopped, and none does.
 *
 * They are the library's: what a probe sets replaces pvk's deadline, which is
 * set again before interrupts come on.
 */
#include "report/xen.h"

enum {
    DUE_NS = 2000000,
    STOP_NS = 20000000,
    WAIT_US = 300000,
    TRIES = 8,
};

static bool now_ns(uint64_t *out_ns)
{
    return xen_time_page() && report_pvclock_ns(xen_time_page(), out_ns);
}

/* The port to look at; 0: there is none, said. */
static unsigned begin(struct report_try *try)
{
    uint64_t now;

    if (!machine_xen_timer() || !machine_xen_shared() || !now_ns(&now)) {
        try_untried(try, "the library has not bound VIRQ_TIMER");
        return 0;
    }
    return machine_xen_timer();
}

static void end(unsigned port)
{
    xen_clear_pending(port);
    machine_rearm();
}

static long vcpu_op(unsigned command, void *argument)
{
    long result = -XEN_ENOSYS;

    xen_call(XEN_VCPU_OP, command, 0, (uintptr_t)argument, &result);
    return result;
}

static long set_by_vcpu(uint64_t at_ns)
{
    static struct xen_timer timer;

    timer = (struct xen_timer){ at_ns, 0 };
    return vcpu_op(at_ns ? VCPUOP_SINGLESHOT : VCPUOP_STOP_SINGLESHOT,
                   at_ns ? &timer : NULL);
}

/* 64 bits: two arguments of a 32-bit domain's. */
static long set_by_op(uint64_t at_ns)
{
    long result = -XEN_ENOSYS;

    xen_call(XEN_SET_TIMER_OP, (uintptr_t)at_ns,
             sizeof(uintptr_t) < 8 ? (uintptr_t)(at_ns >> 32) : 0, 0, &result);
    return result;
}

static bool becomes_pending(unsigned port)
{
    uint64_t start = machine_tsc(), ticks = report_ticks(WAIT_US);

    while (!xen_is_pending(port) && machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    return xen_is_pending(port);
}

static void fires(struct report_try *try, unsigned port, long (*set)(uint64_t))
{
    uint64_t at = 0, then = 0;
    long result;

    set(0);
    xen_clear_pending(port);
    now_ns(&at);
    at += DUE_NS;
    result = set(at);
    if (xen_is_missing(try, result, true))
        return;
    if (result) {
        try_wrong(try, "answers %ld", result);
        return;
    }
    if (!becomes_pending(port)) {
        try_wrong(try, "set to 2 ms, no event in 300 ms");
        return;
    }
    now_ns(&then);
    if (then + 1000 < at)
        try_wrong(try, "%llu ns early", (unsigned long long)(at - then));
    else
        try_right(try, "an event %llu us behind its time",
                  (unsigned long long)((then - at) >> 10));
}

/* True if none came until twice its time was over. */
static bool stays_clear(unsigned port, uint64_t until_ns)
{
    uint64_t start = machine_tsc(), ticks = report_ticks(WAIT_US), now = 0;

    while (now < until_ns && machine_tsc() - start < ticks)
        now_ns(&now);
    return !xen_is_pending(port);
}

static void stops(struct report_try *try, unsigned port, long (*set)(uint64_t))
{
    /* This VCPU may not run between set and stop, and the event be true. */
    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t at = 0, then = 0;
        long result;

        now_ns(&at);
        at += STOP_NS;
        set(at);
        result = set(0);
        now_ns(&then);
        if (xen_is_missing(try, result, true))
            return;
        if (result) {
            try_wrong(try, "to stop it answers %ld", result);
            return;
        }
        if (then >= at)
            continue;
        xen_clear_pending(port);
        if (!stays_clear(port, at + STOP_NS))
            try_wrong(try, "stopped, and its event comes");
        try_right(try, "stopped, and no event comes");
        return;
    }
    try_untried(try, "this VCPU does not run for 20 ms on end");
}

void probe_xen_timer(struct report_try *try)
{
    unsigned port = begin(try);

    if (!port)
        return;
    fires(try, port, set_by_vcpu);
    end(port);
}

void probe_xen_stop(struct report_try *try)
{
    unsigned port = begin(try);

    if (!port)
        return;
    stops(try, port, set_by_vcpu);
    end(port);
}

/* Both; and where a domain may do without it, it may be missing. */
void probe_xen_timer_op(struct report_try *try)
{
    unsigned port = begin(try);
    long result = port ? set_by_op(0) : 0;

    if (!port)
        return;
    if (!xen_is_missing(try, result, false)) {
        fires(try, port, set_by_op);
        if (try->verdict != REPORT_WRONG)
            stops(try, port, set_by_op);
    }
    end(port);
}

/* Two events by one call, and none when it is stopped: the library's way. */
void probe_xen_periodic(struct report_try *try)
{
    static struct xen_periodic periodic;
    unsigned port = begin(try);
    uint64_t now = 0;
    long result;

    if (!port)
        return;
    set_by_vcpu(0);
    xen_clear_pending(port);
    periodic = (struct xen_periodic){ DUE_NS };
    result = vcpu_op(VCPUOP_PERIODIC, &periodic);
    if (xen_is_missing(try, result, false)) {
        end(port);
        return;
    }
    if (result)
        try_wrong(try, "VCPUOP_set_periodic_timer answers %ld", result);
    for (unsigned i = 1; !result && i <= 2; i++) {
        if (!becomes_pending(port))
            try_wrong(try, "set to each 2 ms, no event %u in 300 ms", i);
        xen_clear_pending(port);
    }
    result = vcpu_op(VCPUOP_STOP_PERIODIC, NULL);
    if (result)
        try_wrong(try, "VCPUOP_stop_periodic_timer answers %ld", result);
    xen_clear_pending(port);
    now_ns(&now);
    if (!result && !stays_clear(port, now + STOP_NS))
        try_wrong(try, "stopped, and its events come");
    try_right(try, "two events; stopped, and no event comes");
    end(port);
}
