/* SPDX-License-Identifier: MIT */
/*
 * Xen's event channels: one of the report's own, sent to this VCPU, seen
 * pending, closed.
 */
#include "report/xen.h"

static long op(unsigned command, void *argument)
{
    long result = -XEN_ENOSYS;

    xen_call(XEN_EVENT_CHANNEL_OP, command, (uintptr_t)argument, 0, &result);
    return result;
}

static volatile uintptr_t *word_of(unsigned port)
{
    volatile uint8_t *shared = machine_xen_shared();

    return (volatile uintptr_t *)(shared + XEN_SHARED_PENDING) +
           port / XEN_SHARED_WORDS;
}

bool xen_is_pending(unsigned port)
{
    return *word_of(port) >> port % XEN_SHARED_WORDS & 1;
}

/* Xen sets the word's other bits meanwhile, another CPU's too. */
void xen_clear_pending(unsigned port)
{
    __atomic_fetch_and(word_of(port),
                       ~((uintptr_t)1 << port % XEN_SHARED_WORDS),
                       __ATOMIC_SEQ_CST);
}

static void close_port(struct report_try *try, uint32_t port)
{
    long result = op(EVTCHNOP_CLOSE, &port);

    if (result)
        try_wrong(try, "EVTCHNOP_close answers %ld", result);
}

static bool bind_ipi(struct report_try *try, uint32_t *out_port)
{
    static struct xen_bind bind;
    long result;

    bind = (struct xen_bind){ 0, 0, 0 };
    result = op(EVTCHNOP_BIND_IPI, &bind);
    if (result)
        try_wrong(try, "EVTCHNOP_bind_ipi answers %ld", result);
    /* The structure has two words: VCPU, port. */
    *out_port = bind.vcpu_or_port;
    return !result;
}

void probe_xen_event(struct report_try *try)
{
    uint32_t port;
    long result;

    if (!machine_xen_shared()) {
        try_untried(try, "shared_info is not mapped");
        return;
    }
    if (!bind_ipi(try, &port))
        return;
    result = op(EVTCHNOP_SEND, &port);
    if (result)
        try_wrong(try, "EVTCHNOP_send answers %ld", result);
    else if (!xen_is_pending(port))
        try_wrong(try, "sent, and its bit in evtchn_pending is clear");
    xen_clear_pending(port);
    close_port(try, port);
    try_right(try, "bound, sent, pending, closed");
}

/* The report's port, masked by hand: the hypercall clears the mask's bit. */
void probe_xen_unmask(struct report_try *try)
{
    volatile uintptr_t *mask;
    uint32_t port;
    uintptr_t bit;
    long result;

    if (!machine_xen_shared()) {
        try_untried(try, "shared_info is not mapped");
        return;
    }
    if (!bind_ipi(try, &port))
        return;
    mask = word_of(port) +
           (XEN_SHARED_MASK - XEN_SHARED_PENDING) / sizeof(uintptr_t);
    bit = (uintptr_t)1 << port % XEN_SHARED_WORDS;
    __atomic_fetch_or(mask, bit, __ATOMIC_SEQ_CST);
    result = op(EVTCHNOP_UNMASK, &port);
    if (result)
        try_wrong(try, "answers %ld", result);
    else if (*mask & bit)
        try_wrong(try, "answers 0, and the port is masked");
    __atomic_fetch_or(mask, bit, __ATOMIC_SEQ_CST);
    close_port(try, port);
    try_right(try, "a masked port is unmasked");
}

void probe_xen_unbound(struct report_try *try)
{
    static struct xen_unbound unbound;
    long result;

    unbound = (struct xen_unbound){ XEN_DOMID_SELF, XEN_DOMID_SELF, 0 };
    result = op(EVTCHNOP_ALLOC_UNBOUND, &unbound);
    if (xen_is_missing(try, result, true))
        return;
    if (result) {
        try_wrong(try, "answers %ld", result);
        return;
    }
    close_port(try, unbound.port);
    /* A port that is closed cannot be closed. */
    result = op(EVTCHNOP_CLOSE, &unbound.port);
    if (result != -XEN_EINVAL)
        try_wrong(try, "port %u closed twice: answers %ld, not -EINVAL",
                  (unsigned)unbound.port, result);
    try_right(try, "port %u, closed again", (unsigned)unbound.port);
}

/* An unbound port goes where it is told to. */
void probe_xen_bind_vcpu(struct report_try *try)
{
    static struct xen_unbound unbound;
    static struct xen_bind_vcpu bind;
    long result;

    unbound = (struct xen_unbound){ XEN_DOMID_SELF, XEN_DOMID_SELF, 0 };
    result = op(EVTCHNOP_ALLOC_UNBOUND, &unbound);
    if (result) {
        try_wrong(try, "EVTCHNOP_alloc_unbound answers %ld", result);
        return;
    }
    bind = (struct xen_bind_vcpu){ unbound.port, 0 };
    result = op(EVTCHNOP_BIND_VCPU, &bind);
    if (result)
        try_wrong(try, "answers %ld", result);
    bind.vcpu = 0xffff;
    result = op(EVTCHNOP_BIND_VCPU, &bind);
    if (!result)
        try_wrong(try, "VCPU 65535: answers 0");
    close_port(try, unbound.port);
    try_right(try, "to VCPU 0: answers 0, to 65535: %ld", result);
}

/* The library has bound it, and there is one a VCPU. */
void probe_xen_virq(struct report_try *try)
{
    static struct xen_bind bind;
    long result;

    if (!machine_xen_timer()) {
        try_untried(try, "the library has not bound VIRQ_TIMER");
        return;
    }
    bind = (struct xen_bind){ 0, 0, 0 };
    result = op(EVTCHNOP_BIND_VIRQ, &bind);
    if (!result)
        close_port(try, bind.port);
    if (result != -XEN_EEXIST)
        try_wrong(try, "VIRQ_TIMER a second time: %ld, not -EEXIST", result);
    try_right(try, "VIRQ_TIMER is port %u, and bound once",
              machine_xen_timer());
}

static void judge_status(struct report_try *try, uint16_t dom)
{
    static struct xen_event_status status;
    long result;

    if (!machine_xen_timer()) {
        try_untried(try, "the library has not bound VIRQ_TIMER");
        return;
    }
    status =
        (struct xen_event_status){ .dom = dom, .port = machine_xen_timer() };
    result = op(EVTCHNOP_STATUS, &status);
    if (result)
        try_wrong(try, "EVTCHNOP_status of domain 0x%x answers %ld", dom,
                  result);
    else if (status.status != XEN_EVTCHNSTAT_VIRQ || status.more[0])
        try_wrong(try, "VIRQ_TIMER's port: status %u of %u",
                  (unsigned)status.status, (unsigned)status.more[0]);
}

void probe_xen_status(struct report_try *try)
{
    judge_status(try, XEN_DOMID_SELF);
    try_right(try, "VIRQ_TIMER's port, as it is");
}

void probe_xen_domid(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 4, 0, r);
    judge_status(try, (uint16_t)r[ECX]);
    try_right(try, "domain %u: VIRQ_TIMER's port is its", (unsigned)r[ECX]);
}
