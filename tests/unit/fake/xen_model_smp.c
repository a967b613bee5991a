/* SPDX-License-Identifier: MIT */
/*
 * The model's Xen, for several VCPUs: how they are begun, brought down and up,
 * events from one to another, and flushes of what others remember.
 *
 * Source: Xen 4.17 xen/common/domain.c, common_vcpu_op(); xen/common/
 *         event_channel.c, evtchn_bind_ipi() and evtchn_send();
 *         xen/common/sched/core.c, do_poll(); xen/arch/x86/mm.c,
 *         vcpumask_to_pcpumask().
 */
#include "xen_model.h"

#include <string.h>

#include <x86/system.h>
#include <x86/xen_down.h>

#include "cpu.h"
#include "internal.h"
#include "pvtest.h"
#include "tlb.h"

#define xen fake_xen_model

#define WORD_BITS (8 * sizeof(long))

/* What Xen has for one without a place in shared_info. */
static struct vcpu_info dummy;

/* Where Xen has it: registered, or in shared_info; NULL: not seen. */
struct vcpu_info *fake_xen_vcpu_info(unsigned vcpu)
{
    struct vcpu_info *at =
        vcpu == xen.running ? xen.vcpu : xen.waiting[vcpu].vcpu;

    if (at || !xen.shared)
        return at;
    if (vcpu >= XEN_LEGACY_MAX_VCPUS) {
        dummy = (struct vcpu_info){ .evtchn_upcall_mask = 1 };
        return &dummy;
    }
    return &xen.shared->vcpu_info[vcpu];
}

/* Of one that is down. */
static long register_waiting(unsigned vcpu,
                             const struct vcpu_register_vcpu_info *info)
{
    struct vcpu_info *at = fake_xen_at(info->mfn, info->offset);

    if (xen.waiting[vcpu].registrations || xen.up[vcpu] || !at)
        return -XEN_EINVAL;
    *at = *fake_xen_vcpu_info(vcpu);
    at->evtchn_upcall_pending = 1;
    xen.waiting[vcpu].vcpu = at;
    xen.waiting[vcpu].registrations = 1;
    return 0;
}

static long initialise(unsigned vcpu, const void *context)
{
    if (fake_xen_vcpu_info(vcpu) == &dummy)
        return -XEN_EINVAL;
    if (xen.initialised[vcpu])
        return -XEN_EEXIST;
    if (fake.xen_pv) {
        xen.context.pv = *(const struct vcpu_guest_context *)context;
    } else {
        xen.context.hvm = *(const struct vcpu_hvm_context *)context;
        if (xen.context.hvm.pad)
            return -XEN_EINVAL;
    }
    xen.initialised[vcpu] = true;
    return 0;
}

/* 4.17: what was not begun cannot be run. */
static long up(unsigned vcpu)
{
    if (!xen.initialised[vcpu])
        return -XEN_EINVAL;
    xen.up[vcpu] = true;
    return 0;
}

static long runstate(unsigned vcpu, struct vcpu_runstate_info *state)
{
    memset(state, 0, sizeof(*state));
    state->state = xen.runstate[vcpu];
    state->time[RUNSTATE_running] = fake_xen_ns();
    state->time[RUNSTATE_runnable] = xen.runnable_ns;
    state->time[RUNSTATE_offline] = xen.offline_ns;
    return 0;
}

long fake_xen_vcpu_op(unsigned long command, unsigned vcpu, void *arg)
{
    if (vcpu >= xen.vcpus)
        return -XEN_ENOENT;
    if (command == VCPUOP_is_up && vcpu >= FAKE_XEN_MOST_VCPUS)
        return 0;
    if (vcpu >= FAKE_XEN_MOST_VCPUS)
        FAIL("VCPU %u: the model has %u", vcpu, (unsigned)FAKE_XEN_MOST_VCPUS);
    switch (command) {
    case VCPUOP_initialise:
        return initialise(vcpu, arg);
    case VCPUOP_up:
        return up(vcpu);
    case VCPUOP_is_up:
        return xen.up[vcpu];
    case VCPUOP_get_runstate_info:
        return runstate(vcpu, arg);
    case VCPUOP_register_vcpu_info:
        return vcpu == xen.running ? -XEN_ENOSYS : register_waiting(vcpu, arg);
    default:
        return -XEN_ENOSYS;
    }
}

void fake_xen_init(unsigned vcpu)
{
    xen.resets++;
    xen.initialised[vcpu] = xen.up[vcpu] = false;
}

long fake_xen_bind_ipi(struct evtchn_bind_ipi *bind)
{
    if (bind->vcpu >= xen.vcpus)
        return -XEN_ENOENT;
    bind->port = fake_xen_new_port();
    xen.ipi[bind->port] = true;
    xen.port_vcpu[bind->port] = bind->vcpu;
    return 0;
}

long fake_xen_send(unsigned port)
{
    if (port >= FAKE_XEN_PORTS || !xen.bound[port] || !xen.ipi[port])
        return -XEN_EINVAL;
    xen.sends++;
    fake_xen_set_pending(port);
    return 0;
}

static bool pending(unsigned port)
{
    return xen.shared->evtchn_pending[port / WORD_BITS] >> port % WORD_BITS & 1;
}

/* Without a port to poll, or with one that is pending, it does not sleep. */
long fake_xen_poll(const struct sched_poll *poll)
{
    if (poll->nr_ports > 128)
        return -XEN_EINVAL;
    for (unsigned i = 0; i < poll->nr_ports; i++) {
        if (!xen.bound[poll->ports[i]])
            return -XEN_EINVAL;
        if (pending(poll->ports[i]))
            return 0;
    }
    if (!poll->nr_ports)
        return 0;
    xen.sleeps++;
    if (xen.at_sleep)
        xen.at_sleep();
    for (unsigned i = 0; i < poll->nr_ports; i++) {
        if (pending(poll->ports[i]))
            return 0;
    }
    FAIL("a VCPU sleeps, and nobody wakes it");
    return 0;
}

/* As Xen reads them: whole words, as many as the domain may have VCPUs. */
void fake_xen_flush(const unsigned long *vcpus, const uint64_t *va)
{
    unsigned running = fake_tlb.cpu;
    volatile unsigned long last;

    if (vcpus)
        last = vcpus[(xen.vcpus - 1) / WORD_BITS];
    (void)last;
    for (unsigned vcpu = 0; vcpu < FAKE_TLB_CPUS; vcpu++) {
        if (vcpus && !(vcpus[vcpu / WORD_BITS] >> vcpu % WORD_BITS & 1))
            continue;
        fake_tlb.cpu = vcpu;
        if (va)
            fake_tlb_invlpg(*va);
        else
            fake_tlb_invpcid(INVPCID_ALL, 0, 0);
    }
    fake_tlb.cpu = running;
}

#ifdef __x86_64__

/* It does not come back here: a test goes on when it is up. */
void x86_xen_down(unsigned vcpu, uintptr_t *word, uintptr_t bit,
                  unsigned *state, const uintptr_t *stack, void (*begin)(void))
{
    if (vcpu != xen.running)
        FAIL("VCPU %u brings VCPU %u down", xen.running, vcpu);
    if (stack != &pvi.starting.stack)
        FAIL("VCPU %u would go on on some other stack", vcpu);
    *word |= bit;
    xen.up[vcpu] = false;
    fake_xen_down = (struct fake_xen_down){ vcpu, state, begin };
    fake.at_hlt();
    FAIL("VCPU %u goes on after VCPUOP_down", vcpu);
}

void fake_xen_come_back(void)
{
    unsigned *state = fake_xen_down.state;

    if ((*state & (PVI_START_INDEXES | PVI_START_CLAIMED)) != fake_xen_down.vcpu
                                                                  << 1) {
        xen.up[fake_xen_down.vcpu] = false;
        return;
    }
    *state |= PVI_START_CLAIMED;
    fake_xen_down.begin();
}

struct fake_xen_down fake_xen_down;

#endif
