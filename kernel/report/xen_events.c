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

static void close_port(struct report_try *try, uint32_t port)
{
    long result = op(EVTCHNOP_CLOSE, &port);

    if (result)
        try_wrong(try, "EVTCHNOP_close answers %ld", result);
}

void probe_xen_event(struct report_try *try)
{
    static struct xen_bind bind;
    uintptr_t bit;
    long result;

    bind = (struct xen_bind){ 0, 0, 0 };
    result = op(EVTCHNOP_BIND_IPI, &bind);
    if (result) {
        try_wrong(try, "EVTCHNOP_bind_ipi answers %ld", result);
        return;
    }
    /* The structure has two words: VCPU, port. */
    bind.port = bind.vcpu_or_port;
    if (!machine_xen_shared()) {
        try_untried(try, "shared_info is not mapped");
    } else {
        bit = (uintptr_t)1 << bind.port % XEN_SHARED_WORDS;
        result = op(EVTCHNOP_SEND, &bind.port);
        if (result)
            try_wrong(try, "EVTCHNOP_send answers %ld", result);
        else if (!(*word_of(bind.port) & bit))
            try_wrong(try, "sent, and its bit in evtchn_pending is clear");
        *word_of(bind.port) &= ~bit;
    }
    close_port(try, bind.port);
    try_right(try, "bound, sent, pending, closed");
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
    try_right(try, "port %u, closed again", (unsigned)unbound.port);
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

void probe_xen_status(struct report_try *try)
{
    static struct xen_event_status status;
    long result;

    if (!machine_xen_timer()) {
        try_untried(try, "the library has not bound VIRQ_TIMER");
        return;
    }
    status = (struct xen_event_status){ .dom = XEN_DOMID_SELF,
                                        .port = machine_xen_timer() };
    result = op(EVTCHNOP_STATUS, &status);
    if (result)
        try_wrong(try, "answers %ld", result);
    else if (status.status != XEN_EVTCHNSTAT_VIRQ || status.more[0])
        try_wrong(try, "VIRQ_TIMER's port: status %u of %u",
                  (unsigned)status.status, (unsigned)status.more[0]);
    else
        try_right(try, "VIRQ_TIMER's port, as it is");
}
