/* SPDX-License-Identifier: MIT */
/*
 * Xen's one-shot timer of this VCPU as the deadline: VIRQ_TIMER.
 *
 * A VCPU without one (own_timer, or Xen had none to give) goes on with what
 * bare metal has.
 */
#include "xen.h"

#include "pvclock.h"
#include "x86/xen_hypercall.h"

/* Further away than this, a deadline is set again on the way: 73 years. */
#define FAR_NS (UINT64_C(1) << 61)

static long stop_timer(const struct pvops_cpu *cpu, const struct pvi_xen_cpu *x)
{
    return x->timer_op ? xen_set_timer_op(0) : xen_stop_timer(cpu->index);
}

/* Xen's clock is not ours: other scale, other beginning. */
static void start_timer(const struct pvops_cpu *cpu,
                        const struct pvi_xen_cpu *x)
{
    struct pvi_pvclock_now xen = { 0 };
    uint64_t now_ns = pvops_time_table.now_ns();
    uint64_t left_ns = x->deadline_ns > now_ns ? x->deadline_ns - now_ns : 0;
    uint64_t at_ns;
    long result;

    if (left_ns > FAR_NS)
        left_ns = FAR_NS;
    /* A time that cannot be read is long past: the timer comes at once. */
    (void)pvi_pvclock_read(&x->vcpu_info->time, false, &xen);
    at_ns = xen.ns + left_ns;
    /* set_timer_op(0) would stop it. */
    if (!at_ns)
        at_ns = 1;
    result = x->timer_op ? xen_set_timer_op(at_ns)
                         : xen_set_timer(cpu->index, at_ns);
    if (result < 0)
        pvi_panic("xen: the timer of VCPU %u was refused (-%u)", cpu->index,
                  pvi_xen_errno(result));
}

static bool one_shot_works(struct pvops_cpu *cpu, struct pvi_xen_cpu *x)
{
    long result;

    x->timer_op = false;
    result = stop_timer(cpu, x);
    if (result >= 0)
        return true;
    x->timer_op = true;
    if (stop_timer(cpu, x) >= 0) {
        pvi_log(PVOPS_LOG_INFO,
                "xen: no set_singleshot_timer (-%u): set_timer_op is used",
                pvi_xen_errno(result));
        return true;
    }
    pvi_log(PVOPS_LOG_INFO, "xen: no one-shot timer (-%u)",
            pvi_xen_errno(result));
    return false;
}

/* Bound first: somebody who has it already uses the timer. */
bool pvi_xen_timer_setup(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    bool yours = cpu->index == 0 && pvi.resources.xen_timer_port != 0;
    long port;

    x->deadline_ns = PVI_NO_DEADLINE;
    x->timer_port = 0;
    if (yours) {
        port = pvi.resources.xen_timer_port;
    } else {
        port = xen_bind_virq(VIRQ_TIMER, cpu->index);
        if (port < 0) {
            pvi_log(PVOPS_LOG_INFO,
                    "xen: VIRQ_TIMER of VCPU %u cannot be bound (-%u)%s",
                    cpu->index, pvi_xen_errno(port),
                    port == -XEN_EEXIST ? ": somebody has it" : "");
            return false;
        }
    }
    if (!one_shot_works(cpu, x)) {
        if (!yours)
            (void)xen_close((uint32_t)port);
        return false;
    }
    /* A PV domain is ticked until it says no. */
    x->periodic = xen_stop_periodic_timer(cpu->index) >= 0 &&
                  pvi.info.entry == PVOPS_ENTRY_XEN_PV;
    x->timer_port = (uint32_t)port;
    x->timer_yours = yours;
    if (cpu->index == 0)
        pvi.resources.xen_timer_port = x->timer_port;
    pvi_xen_port_add(x->timer_port, false);
    return true;
}

void pvi_xen_timer_teardown(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (!x->timer_port)
        return;
    (void)stop_timer(cpu, x);
    /* Xen does not tell what it was: as every PV domain begins. */
    if (x->periodic)
        (void)xen_set_periodic_timer(cpu->index, XEN_PV_PERIOD_NS);
    x->periodic = false;
    pvi_xen_port_remove(x->timer_port, x->timer_yours);
    if (!x->timer_yours && cpu->index == 0)
        pvi.resources.xen_timer_port = 0;
    x->timer_port = 0;
}

static struct pvops_cpu *this_cpu(const char *op)
{
    struct pvops_cpu *cpu = pvi_xen_this_cpu();

    if (!cpu)
        pvi_panic("pvops_time_%s() before this CPU's pvops_cpu_setup()", op);
    return cpu;
}

PVOPS_OP_CALL void pvi_xen_time_set_deadline(uint64_t at_ns)
{
    struct pvops_cpu *cpu = this_cpu("set_deadline");
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (!x->timer_port) {
        pvi_native_time_set_deadline(at_ns);
        return;
    }
    x->deadline_ns = at_ns;
    start_timer(cpu, x);
}

PVOPS_OP_CALL void pvi_xen_time_cancel_deadline(void)
{
    struct pvops_cpu *cpu = this_cpu("cancel_deadline");
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (!x->timer_port) {
        pvi_native_time_cancel_deadline();
        return;
    }
    x->deadline_ns = PVI_NO_DEADLINE;
    (void)stop_timer(cpu, x);
}

/* Whichever event it was: the clock says whether the deadline has passed. */
static unsigned deadline_passed(const struct pvops_cpu *cpu,
                                struct pvi_xen_cpu *x, bool timer_event)
{
    if (x->deadline_ns == PVI_NO_DEADLINE)
        return 0;
    if (pvops_time_table.now_ns() >= x->deadline_ns) {
        x->deadline_ns = PVI_NO_DEADLINE;
        return PVOPS_ARRIVED_DEADLINE;
    }
    if (timer_event)
        start_timer(cpu, x);
    return 0;
}

/*
 * The vector of this interrupt if the local APIC waits for its EOI, else 0: one
 * by HVM_PARAM_CALLBACK_IRQ never was in the APIC, nor a spurious one. An event
 * that the embedder took for the deadline is found all the same.
 */
static unsigned in_service(const struct pvops_cpu *cpu,
                           const struct pvi_xen_cpu *x, unsigned vector)
{
    bool event = vector == cpu->event_vector;

    if (x->upcall_eoi ? event : !event && !x->timer_port)
        return pvi_lapic_spurious(vector) ? 0 : vector;
    if (pvi_lapic_in_service(vector))
        return vector;
    return x->upcall_eoi && pvi_lapic_in_service(cpu->event_vector)
               ? cpu->event_vector
               : 0;
}

/* An interrupt from another CPU's local APIC. */
static unsigned apic_arrived(unsigned vector)
{
    if (pvi_lapic_spurious(vector))
        return 0;
    pvi_lapic_eoi();
    return pvi_smp_vector(vector);
}

/* The upcall is the embedder's, or there is none. */
static unsigned arrived_elsewhere(const struct pvops_cpu *cpu,
                                  struct pvi_xen_cpu *x, unsigned vector)
{
    unsigned found = pvi_xen_events_take_ipis(x);

    return found | (x->timer_port ? deadline_passed(cpu, x, true)
                                  : pvi_native_time_arrived(vector));
}

PVOPS_OP_CALL unsigned pvi_xen_time_arrived(unsigned vector)
{
    struct pvops_cpu *cpu = this_cpu("arrived");
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    unsigned taken, found, apic;

    if (vector != cpu->event_vector && vector != cpu->deadline_vector)
        return apic_arrived(vector);
    if (pvi_xen.upcall_yours || !x->upcall)
        return arrived_elsewhere(cpu, x, vector);

    taken = pvi_xen_events_take(x);
    found = taken & ~PVOPS_ARRIVED_DEADLINE;
    apic = in_service(cpu, x, vector);
    if (x->timer_port) {
        if (apic == cpu->event_vector)
            pvi_lapic_eoi();
        return found | deadline_passed(cpu, x, taken & PVOPS_ARRIVED_DEADLINE);
    }
    if (apic)
        pvi_lapic_eoi();
    if (vector == cpu->deadline_vector)
        found |= pvi_lapic_deadline();
    return found;
}
