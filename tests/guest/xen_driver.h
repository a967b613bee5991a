/* SPDX-License-Identifier: MIT */
/*
 * A Xen driver as a kernel may have one: with its own hypercall page, its own
 * event, and as it comes its own shared_info and upcall. For the two guests
 * that let it meet the library: xen-driver-first and xen-driver-later.
 *
 * PVH and HVM domains only: what they have once is the hypercall page,
 * shared_info and the upcall.
 */
#ifndef XEN_DRIVER_H
#define XEN_DRIVER_H

#include <embedder.h>

#include "abi/xen_hvm.h"

enum {
    TIMES = 3,
    BITS = 8 * sizeof(long),
};

/* start/xen_call.S: through the page that start/xen.c registered. */
long xen_hypercall(unsigned number, uintptr_t a1, uintptr_t a2, uintptr_t a3);

/* start/xen.c */
bool xen_present(void);

/* The driver's. */
static struct shared_info *shared;
static struct vcpu_info *vcpu_info;
static uint32_t driver_port;
static volatile unsigned driver_events;

/* Every event that is pending and not masked; what a driver does first. */
static bool take(uint32_t port)
{
    unsigned long bit = 1ul << port % BITS;
    unsigned long *word = &shared->evtchn_pending[port / BITS];

    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void driver_take(void)
{
    if (take(driver_port))
        driver_events++;
}

/* The driver's own upcall: it takes all, and hands on what is not its. */
__attribute__((interrupt)) static void on_driver(struct interrupt_frame *f)
{
    (void)f;
    vcpu_info->evtchn_upcall_pending = 0;
    __atomic_exchange_n(&vcpu_info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    driver_take();
    if (take(pvops_get_resources()->xen_timer_port))
        arrived(DEADLINE_VECTOR);
    *lapic(LAPIC_EOI) = 0;
}

static void driver_gates(void)
{
    set_gate(DRIVER_VECTOR, (uintptr_t)on_driver);
}

static bool driver_bind(void)
{
    struct evtchn_bind_ipi bind = { .vcpu = 0 };
    struct evtchn_port port;

    if (xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
                      (uintptr_t)&bind, 0))
        return false;
    driver_port = port.port = bind.port;
    return !xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask,
                          (uintptr_t)&port, 0);
}

/* Deadlines and the driver's events, in turn; each must come once. */
static void both_work(const char *name)
{
    deadlines = driver_events = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        struct evtchn_port port = { driver_port };
        uint64_t give_up = pvops_time_now_ns() + (uint64_t)2000 * MS;

        pvops_time_set_deadline(pvops_time_now_ns() + 5 * MS);
        xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
                      (uintptr_t)&port, 0);
        pvops_irq_enable();
        while ((deadlines <= i || driver_events <= i) &&
               pvops_time_now_ns() < give_up)
            ;
        pvops_irq_disable();
    }
    if (deadlines == TIMES && driver_events == TIMES)
        guest_pass(name);
    else
        guest_fail(name, "%u deadlines and %u events of %u", deadlines,
                   driver_events, (unsigned)TIMES);
}

/* False, with a SKIP: nothing of Xen's to own here. */
static bool has_driver(const char *name)
{
    if (guest_boot.xen_pv || !xen_present()) {
        guest_skip(name, "no PVH or HVM domain of Xen's");
        return false;
    }
    return true;
}

#endif /* XEN_DRIVER_H */
