/* SPDX-License-Identifier: MIT */
/*
 * The report's Xen: time page, events, timer, and that the rest is there.
 */
#include "report_model.h"

#include <string.h>

#include "cpu_private.h"

#include "report/abi_xen.h"

enum {
    TIMER_PORT = 1,
    IPI_PORT = 2,
    UNBOUND_PORT = 3,
    DOMID = 7,
    NS_AT_0 = 5000000,
};

static bool unbound_is_open;

struct xen_shared model_shared;
static uint64_t timer_ns, period_ns;

static uint64_t now_ns(void)
{
    return fake_ns() + NS_AT_0;
}

static uintptr_t *pending(void)
{
    return (uintptr_t *)(model_shared.bytes + XEN_SHARED_PENDING);
}

static uintptr_t *mask(void)
{
    return (uintptr_t *)(model_shared.bytes + XEN_SHARED_MASK);
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
    timer_ns = period_ns ? now_ns() + period_ns : 0;
    pending()[0] |= 1u << TIMER_PORT;
}

static bool is_dom0(void)
{
    return (model.xen_features >> 11 & 1) && !model.xen_domu_is_dom0;
}

static long version_op(uintptr_t command, void *argument)
{
    struct xen_features *features = argument;

    if (command == 0)
        return 4 << 16 | 17;
    if (command == XENVER_PAGESIZE)
        return 4096;
    if (command == XENVER_BUILD_ID)
        return is_dom0() ? 20 : -XEN_EPERM;
    if (!argument)
        return -14;
    if (command == XENVER_GET_FEATURES)
        features->map = model.xen_features;
    else if (!model.xen_text_empty)
        memset(argument, 0, 16);
    return 0;
}

/* A structure at 0 can be read: what is in it is nonsense. */
static long read_from(uintptr_t address)
{
    return address == (uintptr_t)machine_nowhere() ? -XEN_EFAULT : -XEN_EINVAL;
}

static long event_op(uintptr_t command, void *argument)
{
    struct xen_bind *bind = argument;
    struct xen_unbound *unbound = argument;
    struct xen_event_status *status = argument;
    uint32_t *port = argument;

    switch (command) {
    case EVTCHNOP_BIND_VIRQ:
        return -XEN_EEXIST;
    case EVTCHNOP_BIND_IPI:
        bind->vcpu_or_port = IPI_PORT;
        return 0;
    case EVTCHNOP_ALLOC_UNBOUND:
        unbound->port = UNBOUND_PORT;
        unbound_is_open = true;
        return 0;
    case EVTCHNOP_SEND:
        if (!model.event_lost)
            pending()[0] |= (uintptr_t)1 << *port;
        return 0;
    case EVTCHNOP_CLOSE:
        if (*port == UNBOUND_PORT && !unbound_is_open)
            return -XEN_EINVAL;
        unbound_is_open &= *port != UNBOUND_PORT;
        return 0;
    case EVTCHNOP_BIND_VCPU:
        return ((uint32_t *)argument)[1] ? -2 : 0;
    case EVTCHNOP_UNMASK:
        if (!model.xen_unmask_dead)
            mask()[0] &= ~((uintptr_t)1 << *port);
        return 0;
    case EVTCHNOP_STATUS:
        if (status->dom != XEN_DOMID_SELF && status->dom != DOMID)
            return -XEN_EPERM;
        status->status = model.xen_status_wrong ? 0 : XEN_EVTCHNSTAT_VIRQ;
        return 0;
    case 13: /* EVTCHNOP_set_priority */
        return read_from((uintptr_t)argument);
    default:
        return 0;
    }
}

static long set_timer(uint64_t at_ns)
{
    if (!at_ns && model.xen_timer_stuck)
        return 0;
    timer_ns = at_ns;
    if (at_ns && model.xen_timer_early)
        timer_ns -= 1000000;
    return 0;
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
    case VCPUOP_PERIODIC:
        period_ns = *(uint64_t *)argument;
        timer_ns = now_ns() + period_ns;
        return 0;
    case VCPUOP_STOP_PERIODIC:
        period_ns = 0;
        return set_timer(0);
    case VCPUOP_SINGLESHOT:
        return set_timer(timer->at_ns);
    case VCPUOP_STOP_SINGLESHOT:
        return set_timer(0);
    default:
        return 0;
    }
}

static long poll(const struct xen_poll *poll_)
{
    if (model.xen_poll_fails)
        return -XEN_EINVAL;
    if (model.xen_poll_late)
        fake_spend(UINT64_C(400000000000));
    if (now_ns() < poll_->timeout_ns && !model.xen_poll_early)
        fake_spend((poll_->timeout_ns - now_ns()) * 1000);
    return 0;
}

static long multicall(struct xen_multicall *list, uintptr_t count)
{
    for (uintptr_t i = 0; i < count && !model.xen_multicall_dead; i++) {
        long result;

        report_model_xen_call((unsigned)list[i].call, list[i].args, &result);
        list[i].result = (uintptr_t)result;
    }
    return 0;
}

/* Its first words tell a platform_op from a structure of zeroes. */
static long platform_op(struct xen_platform *op)
{
    if (op->version != XENPF_VERSION)
        return -XEN_EACCES;
    if (!is_dom0())
        return -XEN_EPERM;
    op->u.info.flags = XEN_PCPU_ONLINE;
    return 0;
}

static long grant_op(uintptr_t command, void *argument)
{
    if (command == 6)
        *(struct xen_grant_size *)argument =
            (struct xen_grant_size){ .frames = 1, .most = 64 };
    else
        ((struct xen_grant_version *)argument)->version = 1;
    return 0;
}

static long mmuext_op(const struct xen_mmuext *op, uintptr_t count)
{
    if (!fake.xen_pv)
        return -XEN_EINVAL;
    if (count && op->command >= MMUEXT_TLB_FLUSH_LOCAL &&
        op->command <= MMUEXT_INVLPG_ALL)
        report_model_flush(1);
    return 0;
}

static long hvm_op(uintptr_t command)
{
    if (fake.xen_pv)
        return -XEN_EINVAL;
    if (command == HVMOP_FLUSH_TLBS)
        report_model_flush(~UINT64_C(0));
    return 0;
}

/* PV's alone, but for those that have a word for others. */
static bool is_pv_only(unsigned number)
{
    return number <= 5 || number == 9 || number == 14 || number == 23 ||
           number == 25;
}

bool report_model_xen_call(unsigned number, const uintptr_t args[4],
                           long *out_result)
{
    *out_result = read_from(number == XEN_EVENT_CHANNEL_COMPAT ||
                                    number == XEN_PHYSDEV_COMPAT
                                ? args[0]
                                : args[1]);
    if (number < 64 && model.xen_missing >> number & 1) {
        *out_result = -XEN_ENOSYS;
        return true;
    }
    if (model.xen_answer && number == model.xen_answer_to) {
        *out_result = model.xen_answer;
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
        *out_result = grant_op(args[0], (void *)args[1]);
        break;
    case XEN_MEMORY_OP:
        *out_result = 1000;
        break;
    case XEN_MULTICALL:
        *out_result = multicall((void *)args[0], args[1]);
        break;
    case XEN_PLATFORM_OP:
        *out_result = platform_op((void *)args[0]);
        break;
    case XEN_SET_TIMER_OP:
        *out_result = set_timer(
            args[0] | (sizeof(uintptr_t) < 8 ? (uint64_t)args[1] << 32 : 0));
        break;
    case XEN_HVM_OP:
        *out_result = hvm_op(args[0]);
        break;
    case XEN_MMUEXT_OP:
        *out_result = mmuext_op((void *)args[0], args[1]);
        break;
    case XEN_CONSOLE_IO:
    case 35: /* sysctl, domctl, hypfs_op */
    case 36:
    case 42:
        *out_result = !is_dom0()                 ? -XEN_EPERM
                      : number == XEN_CONSOLE_IO ? 0
                      : number == 42             ? -XEN_EINVAL
                                                 : -XEN_EACCES;
        break;
    case 40: /* xenpmu_op: 0 to 3, modes and features, are dom0's */
        if (args[0] < 4 && !is_dom0())
            *out_result = -XEN_EPERM;
        break;
    case XEN_VM_ASSIST:
    case 31: /* xenoprof_op */
        *out_result = -XEN_EINVAL;
        break;
    case 1: /* mmu_update, fpu_taskswitch, sched_op_compat, get_debugreg */
    case 5:
    case 6:
    case 9:
        *out_result = 0;
        break;
    case 27: /* xsm_op, tmem_op, argo_op, mca, dm_op */
    case 38:
    case 39:
    case 41:
    case 48:
        *out_result = -XEN_ENOSYS;
        break;
    case XEN_NONE:
        *out_result = model.xen_unknown_served ? 0 : -XEN_ENOSYS;
        break;
    default:
        break;
    }
    if (!fake.xen_pv && is_pv_only(number))
        *out_result = -XEN_ENOSYS;
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
    timer_ns = period_ns = 0;
    unbound_is_open = false;
    model.xen = true;
    model.xen_up = 1;
    model.xen_features = pv ? 1u << 5 | 1u << 17 : MODEL_XEN_PVH;
    fake_hypervisor(0x40000000, 0x40000005, "XenVMMXenVMM");
    fake_leaf(0x40000001, 4 << 16 | 17, 0, 0, 0);
    fake_leaf(0x40000002, 1, 0x40000000, 0, 0);
    fake_leaf(0x40000003, 0, 0, 2000000, 0);
    fake_leaf(0x40000004, pv ? 0 : 1u << 3 | 1u << 4, 0, DOMID, 0);
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
