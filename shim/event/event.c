/* SPDX-License-Identifier: MIT */
/*
 * Ports, and the hypercall about them.
 *
 * Source: Xen 4.17 xen/include/public/event_channel.h; xen/common/
 *         event_channel.c (error numbers), event_2l.c (the order of the bits).
 */
#include "event/event.h"

#include "abi/xen_physdev.h"
#include "call/calls.h"
#include "dev/lapic.h"
#include "dev/serial.h"
#include "domain/domain.h"
#include "event/pirq.h"
#include "mm/guest.h"
#include "mm/lock.h"

enum { WORD_BITS = 64, DOMID_ITSELF = 0 };

struct port {
    uint8_t state; /* EVTCHNSTAT_* */
    uint8_t vcpu;
    uint16_t number; /* virq, pirq, or the other end */
};

static struct port ports[EVENT_PORTS];
static struct lock lock;

static bool set_bit(volatile unsigned long *words, unsigned bit)
{
    unsigned long one = 1ul << bit % WORD_BITS;

    return __atomic_fetch_or(&words[bit / WORD_BITS], one, __ATOMIC_SEQ_CST) &
           one;
}

static bool clear_bit(volatile unsigned long *words, unsigned bit)
{
    unsigned long one = 1ul << bit % WORD_BITS;

    return __atomic_fetch_and(&words[bit / WORD_BITS], ~one, __ATOMIC_SEQ_CST) &
           one;
}

static bool test_bit(const volatile unsigned long *words, unsigned bit)
{
    return words[bit / WORD_BITS] >> bit % WORD_BITS & 1;
}

void event_kick(struct vcpu *vcpu)
{
    if (vcpu != vcpu_this() && vcpu->running)
        lapic_send(vcpu->apic_id, VECTOR_KICK);
}

/* It is pending and not masked: the two levels above it. */
static void select(struct vcpu *vcpu, uint32_t port)
{
    struct vcpu_info *info = vcpu->info;

    if (set_bit(&info->evtchn_pending_sel, port / WORD_BITS))
        return;
    __atomic_store_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
    /* Also if it is masked: it may just be about to clear the mask and halt. */
    event_kick(vcpu);
}

void event_set(uint32_t port)
{
    if (set_bit(domain.shared->evtchn_pending, port))
        return;
    if (!test_bit(domain.shared->evtchn_mask, port))
        select(vcpu_at(ports[port].vcpu), port);
    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        if (vcpu_at(i)->polling)
            event_kick(vcpu_at(i));
    }
}

bool event_is_pending(uint32_t port)
{
    return test_bit(domain.shared->evtchn_pending, port);
}

struct vcpu *event_vcpu(uint32_t port)
{
    return vcpu_at(ports[port].vcpu);
}

void event_virq(struct vcpu *vcpu, unsigned virq)
{
    uint32_t port = vcpu->virq_port[virq];

    if (port)
        event_set(port);
}

void event_refresh(struct vcpu *vcpu)
{
    vcpu->info->evtchn_pending_sel = ~0ul;
    __atomic_store_n(&vcpu->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
}

/* 0 is never a port; 0: there is none left. */
static uint32_t new_port(unsigned state, unsigned vcpu, unsigned number)
{
    for (uint32_t i = 1; i < EVENT_PORTS; i++) {
        if (ports[i].state == EVTCHNSTAT_closed) {
            ports[i].state = (uint8_t)state;
            ports[i].vcpu = (uint8_t)vcpu;
            ports[i].number = (uint16_t)number;
            return i;
        }
    }
    return 0;
}

static bool is_of_vcpu(unsigned virq)
{
    return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENPMU;
}

static long bind_virq(uint64_t argument)
{
    struct evtchn_bind_virq bind;
    uint32_t port;

    if (!guest_read(&bind, argument, sizeof(bind)))
        return -XEN_EFAULT;
    if (bind.virq >= NR_VIRQS || (!is_of_vcpu(bind.virq) && bind.vcpu))
        return -XEN_EINVAL;
    if (bind.vcpu >= domain.vcpu_count)
        return -XEN_ENOENT;
    if (vcpu_at(bind.vcpu)->virq_port[bind.virq])
        return -XEN_EEXIST;
    port = new_port(EVTCHNSTAT_virq, bind.vcpu, bind.virq);
    if (!port)
        return -XEN_ENOSPC;
    vcpu_at(bind.vcpu)->virq_port[bind.virq] = port;
    bind.port = port;
    /* What came before there was a port does not come again. */
    if (bind.virq == VIRQ_CONSOLE && serial_waiting())
        event_set(port);
    return guest_write(argument, &bind, sizeof(bind)) ? 0 : -XEN_EFAULT;
}

/* At first it is VCPU 0's. */
static long bind_pirq(uint64_t argument)
{
    struct evtchn_bind_pirq bind;
    int result;

    if (!guest_read(&bind, argument, sizeof(bind)))
        return -XEN_EFAULT;
    if (bind.pirq >= PIRQS)
        return -XEN_EINVAL;
    bind.port = new_port(EVTCHNSTAT_pirq, 0, bind.pirq);
    if (!bind.port)
        return -XEN_ENOSPC;
    result = pirq_bind(bind.pirq, bind.port, vcpu_at(0));
    if (result < 0) {
        ports[bind.port].state = EVTCHNSTAT_closed;
        return result;
    }
    return guest_write(argument, &bind, sizeof(bind)) ? 0 : -XEN_EFAULT;
}

static long bind_ipi(uint64_t argument)
{
    struct evtchn_bind_ipi bind;

    if (!guest_read(&bind, argument, sizeof(bind)))
        return -XEN_EFAULT;
    if (bind.vcpu >= domain.vcpu_count)
        return -XEN_ENOENT;
    bind.port = new_port(EVTCHNSTAT_ipi, bind.vcpu, 0);
    if (!bind.port)
        return -XEN_ENOSPC;
    return guest_write(argument, &bind, sizeof(bind)) ? 0 : -XEN_EFAULT;
}

static long alloc_unbound(uint64_t argument)
{
    struct evtchn_alloc_unbound alloc;

    if (!guest_read(&alloc, argument, sizeof(alloc)))
        return -XEN_EFAULT;
    if (!call_is_self(alloc.dom))
        return -XEN_ESRCH;
    alloc.port = new_port(EVTCHNSTAT_unbound, 0, alloc.remote_dom);
    if (!alloc.port)
        return -XEN_ENOSPC;
    return guest_write(argument, &alloc, sizeof(alloc)) ? 0 : -XEN_EFAULT;
}

/* There is no other domain: both ends are the guest's. */
static long bind_interdomain(uint64_t argument)
{
    struct evtchn_bind_interdomain bind;
    struct port *remote;

    if (!guest_read(&bind, argument, sizeof(bind)))
        return -XEN_EFAULT;
    if (!call_is_self(bind.remote_dom))
        return -XEN_ESRCH;
    if (!bind.remote_port || bind.remote_port >= EVENT_PORTS)
        return -XEN_EINVAL;
    remote = &ports[bind.remote_port];
    if (remote->state != EVTCHNSTAT_unbound || !call_is_self(remote->number))
        return -XEN_EINVAL;
    bind.local_port = new_port(EVTCHNSTAT_interdomain, 0, bind.remote_port);
    if (!bind.local_port)
        return -XEN_ENOSPC;
    remote->state = EVTCHNSTAT_interdomain;
    remote->number = (uint16_t)bind.local_port;
    event_set(bind.local_port);
    return guest_write(argument, &bind, sizeof(bind)) ? 0 : -XEN_EFAULT;
}

static struct port *open_port(uint32_t number)
{
    return number && number < EVENT_PORTS &&
                   ports[number].state != EVTCHNSTAT_closed
               ? &ports[number]
               : NULL;
}

static void close_port(uint32_t number)
{
    struct port *port = &ports[number];

    if (port->state == EVTCHNSTAT_virq)
        vcpu_at(port->vcpu)->virq_port[port->number] = 0;
    if (port->state == EVTCHNSTAT_pirq)
        pirq_unbind(port->number);
    if (port->state == EVTCHNSTAT_interdomain) {
        ports[port->number].state = EVTCHNSTAT_unbound;
        ports[port->number].number = DOMID_ITSELF;
    }
    *port = (struct port){ .state = EVTCHNSTAT_closed };
    (void)clear_bit(domain.shared->evtchn_pending, number);
}

static long send(const struct port *port, uint32_t number)
{
    if (port->state == EVTCHNSTAT_ipi)
        event_set(number);
    else if (port->state == EVTCHNSTAT_interdomain)
        event_set(port->number);
    else if (port->state != EVTCHNSTAT_unbound)
        return -XEN_EINVAL;
    return 0;
}

void event_unmask(uint32_t port)
{
    if (clear_bit(domain.shared->evtchn_mask, port) && event_is_pending(port))
        select(event_vcpu(port), port);
}

/* close, send and unmask. */
static long of_port(unsigned command, uint64_t argument)
{
    struct evtchn_port op;
    struct port *port;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    port = open_port(op.port);
    if (!port)
        return -XEN_EINVAL;
    if (command == EVTCHNOP_send)
        return send(port, op.port);
    if (command == EVTCHNOP_unmask)
        event_unmask(op.port);
    else
        close_port(op.port);
    return 0;
}

static long status(uint64_t argument)
{
    struct evtchn_status out;
    const struct port *port;

    if (!guest_read(&out, argument, sizeof(out)))
        return -XEN_EFAULT;
    if (!call_is_self(out.dom))
        return -XEN_ESRCH;
    if (!out.port || out.port >= EVENT_PORTS)
        return -XEN_EINVAL;
    port = &ports[out.port];
    out.status = port->state;
    out.vcpu = port->vcpu;
    switch (port->state) {
    case EVTCHNSTAT_unbound:
    case EVTCHNSTAT_pirq:
    case EVTCHNSTAT_virq:
        out.u.virq = port->number;
        break;
    case EVTCHNSTAT_interdomain:
        out.u.words[0] = DOMID_ITSELF;
        out.u.words[1] = port->number;
        break;
    }
    return guest_write(argument, &out, sizeof(out)) ? 0 : -XEN_EFAULT;
}

static long bind_vcpu(uint64_t argument)
{
    struct evtchn_bind_vcpu bind;
    struct port *port;

    if (!guest_read(&bind, argument, sizeof(bind)))
        return -XEN_EFAULT;
    if (bind.vcpu >= domain.vcpu_count)
        return -XEN_ENOENT;
    port = open_port(bind.port);
    if (!port || port->state == EVTCHNSTAT_ipi ||
        (port->state == EVTCHNSTAT_virq && is_of_vcpu(port->number)))
        return -XEN_EINVAL;
    port->vcpu = (uint8_t)bind.vcpu;
    if (port->state == EVTCHNSTAT_pirq)
        pirq_move(port->number, vcpu_at(bind.vcpu));
    return 0;
}

static long reset(void)
{
    for (uint32_t i = 1; i < EVENT_PORTS; i++) {
        if (ports[i].state != EVTCHNSTAT_closed)
            close_port(i);
    }
    return 0;
}

static long locked(uint64_t command, uint64_t argument)
{
    switch (command) {
    case EVTCHNOP_bind_interdomain:
        return bind_interdomain(argument);
    case EVTCHNOP_bind_virq:
        return bind_virq(argument);
    case EVTCHNOP_bind_pirq:
        return bind_pirq(argument);
    case EVTCHNOP_close:
    case EVTCHNOP_send:
    case EVTCHNOP_unmask:
        return of_port((unsigned)command, argument);
    case EVTCHNOP_status:
        return status(argument);
    case EVTCHNOP_alloc_unbound:
        return alloc_unbound(argument);
    case EVTCHNOP_bind_ipi:
        return bind_ipi(argument);
    case EVTCHNOP_bind_vcpu:
        return bind_vcpu(argument);
    case EVTCHNOP_reset:
        return reset();
    }
    return call_unknown("event_channel_op", command);
}

long call_event_channel_op(uint64_t command, uint64_t argument)
{
    long result;

    command = (uint32_t)command;
    /* The way of an IPI is short. */
    if (command == EVTCHNOP_send)
        return of_port(EVTCHNOP_send, argument);
    lock_take(&lock);
    result = locked(command, argument);
    lock_release(&lock);
    return result;
}
