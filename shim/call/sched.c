/* SPDX-License-Identifier: MIT */
/*
 * sched_op and set_timer_op: waiting, deadlines, the end.
 */
#include "abi/xen.h"
#include "call/calls.h"
#include "dev/clock.h"
#include "dev/lapic.h"
#include "dev/power.h"
#include "domain/domain.h"
#include "event/event.h"
#include "log.h"
#include "mm/flush.h"
#include "mm/guest.h"

#include <x86/insn.h>
#include <x86/system.h>

enum { POLL_MOST = 128 };

static bool events_waiting(const struct vcpu *vcpu)
{
    return *(volatile uint8_t *)&vcpu->info->evtchn_upcall_pending &&
           !*(volatile uint8_t *)&vcpu->info->evtchn_upcall_mask;
}

/* Until the next interrupt; what made it come is looked at in its handler. */
static void halt(void)
{
    x86_sti_hlt();
    x86_cli();
}

static long block(struct vcpu *vcpu)
{
    vcpu->info->evtchn_upcall_mask = 0;
    if (events_waiting(vcpu))
        return 0;
    runstate_change(vcpu, RUNSTATE_blocked);
    vcpu->blocked = true;
    /* Who sets an event looks at mask and 'blocked' behind it: event.c. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (vcpu->up && !events_waiting(vcpu))
        halt();
    vcpu->blocked = false;
    runstate_change(vcpu, RUNSTATE_running);
    return call_look_down(0);
}

static bool any_pending(const uint32_t *ports, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (event_is_pending(ports[i]))
            return true;
    }
    return false;
}

static long poll(struct vcpu *vcpu, uint64_t argument)
{
    uint32_t ports[POLL_MOST];
    struct sched_poll op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.nr_ports > POLL_MOST)
        return -XEN_EINVAL;
    if (!guest_read(ports, (uintptr_t)op.ports, op.nr_ports * sizeof(ports[0])))
        return -XEN_EFAULT;
    for (unsigned i = 0; i < op.nr_ports; i++) {
        if (ports[i] >= EVENT_PORTS)
            return -XEN_EINVAL;
    }
    vcpu->polling = true;
    vcpu->poll_ns = op.timeout;
    if (op.timeout)
        timer_arm(vcpu);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!any_pending(ports, op.nr_ports) && !events_waiting(vcpu)) {
        runstate_change(vcpu, RUNSTATE_blocked);
        vcpu->blocked = true;
        while (vcpu->up && !any_pending(ports, op.nr_ports) &&
               !events_waiting(vcpu) && (!op.timeout || vcpu->poll_ns))
            halt();
        vcpu->blocked = false;
        runstate_change(vcpu, RUNSTATE_running);
    }
    vcpu->polling = false;
    vcpu->poll_ns = 0;
    return call_look_down(0);
}

/* What the lab takes for the end: docs/shim.md. */
static __attribute__((noreturn)) void shut_down(uint32_t reason)
{
    if (reason == SHUTDOWN_reboot)
        power_reset();
    if (reason == SHUTDOWN_crash)
        guest_failed("the guest says that it has crashed");
    power_off();
}

long call_sched_op(uint64_t command, uint64_t argument)
{
    struct vcpu *vcpu = vcpu_this();
    struct sched_shutdown shutdown;

    switch ((uint32_t)command) {
    case SCHEDOP_yield:
        x86_pause();
        return 0;
    case SCHEDOP_block:
        return block(vcpu);
    case SCHEDOP_shutdown:
        if (!guest_read(&shutdown, argument, sizeof(shutdown)))
            return -XEN_EFAULT;
        if (shutdown.reason == SHUTDOWN_suspend)
            return -XEN_EINVAL;
        shut_down(shutdown.reason);
    case SCHEDOP_poll:
        return poll(vcpu, argument);
    }
    return call_unknown("sched_op", (uint32_t)command);
}

/* Xen takes an absurd time, of a guest that is confused, as 100 ms from now. */
long call_set_timer_op(uint64_t at_ns)
{
    struct vcpu *vcpu = vcpu_this();

    vcpu->timer_ns = (int64_t)at_ns < 0 ? clock_ns() + 100000000 : at_ns;
    timer_arm(vcpu);
    return 0;
}
