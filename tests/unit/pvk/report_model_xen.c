/* SPDX-License-Identifier: MIT */
/*
 * The report's Xen: time page, events, timer, and that the rest is there.
 */
#include "report_model.h"

#include <string.h>

#include "cpu_private.h"

#include "report/abi_xen.h"

enum { TIMER_PORT = 1, IPI_PORT = 2, UNBOUND_PORT = 3, NS_AT_0 = 5000000 };

struct xen_shared model_shared;
static uint64_t timer_ns;

static uint64_t now_ns(void)
{
    return fake_ns() + NS_AT_0;
}

static uintptr_t *pending(void)
{
    return (uintptr_t *)(model_shared.bytes + XEN_SHARED_PENDING);
}

volatile void *machine_xen_shared(void)
{
    report_model_xen_time();
    return &model_shared;
}

volatile void *machine_xen_vcpu(void)
{
    report_model_xen_time();
    return &model_shared;
}

unsigned machine_xen_timer(void)
{
    return TIMER_PORT;
}

void report_model_xen_time(void)
{
    if (!timer_ns || now_ns() < timer_ns || model.xen_timer_dead)
        return;
    timer_ns = 0;
    pending()[0] |= 1u << TIMER_PORT;
}

static long version_op(uintptr_t command, void *argument)
{
    struct xen_features *features = argument;

    if (command == 0)
        return 4 << 16 | 17;
    if (command == XENVER_PAGESIZE)
        return 4096;
    if (!argument)
        return -14;
    if (command == XENVER_GET_FEATURES)
        features->map = model.xen_features;
    return 0;
}

static long event_op(uintptr_t command, void *argument)
{
    struct xen_bind *bind = argument;
    struct xen_unbound *unbound = argument;
    struct xen_event_status *status = argument;
    uint32_t *port = argument;

    if (!argument)
        return -14;
    switch (command) {
    case EVTCHNOP_BIND_VIRQ:
        return -XEN_EEXIST;
    case EVTCHNOP_BIND_IPI:
        bind->vcpu_or_port = IPI_PORT;
        return 0;
    case EVTCHNOP_ALLOC_UNBOUND:
        unbound->port = UNBOUND_PORT;
        return 0;
    case EVTCHNOP_SEND:
        if (!model.event_lost)
            pending()[0] |= (uintptr_t)1 << *port;
        return 0;
    case EVTCHNOP_STATUS:
        status->status = model.xen_status_wrong ? 0 : XEN_EVTCHNSTAT_VIRQ;
        return 0;
    default:
        return 0;
    }
}

static long vcpu_op(uintptr_t command, void *argument)
{
    struct xen_runstate *state = argument;
    const struct xen_timer *timer = argument;

    switch (command) {
    case VCPUOP_IS_UP:
        return model.xen_up;
    case VCPUOP_RUNSTATE:
        state->state = model.xen_state;
        state->time[0] = now_ns();
        return 0;
    case VCPUOP_SINGLESHOT:
        timer_ns = timer->at_ns;
        if (model.xen_timer_early)
            timer_ns -= 1000000;
        pending()[0] &= ~((uintptr_t)1 << TIMER_PORT);
        return 0;
    default:
        return 0;
    }
}

static long poll(const struct xen_poll *poll_)
{
    if (model.xen_poll_fails)
        return -XEN_EINVAL;
    if (now_ns() < poll_->timeout_ns)
        fake_spend((poll_->timeout_ns - now_ns()) * 1000);
    return 0;
}

bool report_model_xen_call(unsigned number, const uintptr_t args[4],
                           long *out_result)
{
    struct xen_grant_size *size;

    *out_result = -14; /* -EFAULT: somebody looks at the argument */
    if (number < 64 && model.xen_missing >> number & 1) {
        *out_result = -XEN_ENOSYS;
        return true;
    }
    switch (number) {
    case XEN_VERSION:
        *out_result = version_op(args[0], (void *)args[1]);
        break;
    case XEN_EVENT_CHANNEL_OP:
        *out_result = event_op(args[0], (void *)args[1]);
        break;
    case XEN_VCPU_OP:
        *out_result = vcpu_op(args[0], (void *)args[2]);
        break;
    case XEN_SCHED_OP:
        *out_result = args[0] == SCHEDOP_POLL ? poll((void *)args[1]) : 0;
        break;
    case XEN_GRANT_TABLE_OP:
        size = (struct xen_grant_size *)args[1];
        if (args[0] == 6) {
            size->most = 64;
            *out_result = 0;
        }
        break;
    case XEN_HVM_OP:
    case XEN_MMUEXT_OP:
        *out_result = 0;
        break;
    case XEN_NONE:
        *out_result = model.xen_unknown_served ? 0 : -XEN_ENOSYS;
        break;
    default:
        break;
    }
    return true;
}

/* Xen writes the hypercall page when its MSR is stored to. */
static void page_written(uint64_t value)
{
    if (!model.xen_page_dead)
        memset(fake_page_at(value), 0xb8, 4096);
}

void report_model_xen(bool pv)
{
    struct report_pvclock *time =
        (struct report_pvclock *)(model_shared.bytes + XEN_VCPU_TIME);
    uint32_t *wall = (uint32_t *)(model_shared.bytes + XEN_SHARED_WALL);

    report_model_bare();
    memset(&model_shared, 0, sizeof(model_shared));
    timer_ns = 0;
    model.xen = true;
    model.xen_up = 1;
    model.xen_features = pv ? 1u << 5 | 1u << 17 : MODEL_XEN_PVH;
    fake_hypervisor(0x40000000, 0x40000005, "XenVMMXenVMM");
    fake_leaf(0x40000001, 4 << 16 | 17, 0, 0, 0);
    fake_leaf(0x40000002, 1, 0x40000000, 0, 0);
    fake_leaf(0x40000003, 0, 0, 2000000, 0);
    fake_leaf(0x40000004, pv ? 0 : 1u << 3, 0, 0, 0);
    fake_leaf(0x40000005, 0, 0, 0, 0);
    fake_add_msr(0x40000000)->write = page_written;
    fake.xen_pv = pv;
    time->version = 2;
    time->system_time = NS_AT_0;
    time->tsc_timestamp = fake.tsc_at_0;
    time->mul = UINT32_C(1) << 31; /* 2 GHz */
    wall[0] = 2;
    wall[1] = 1795350896;
}
