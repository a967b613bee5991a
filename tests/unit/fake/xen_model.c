/* SPDX-License-Identifier: MIT */
/*
 * The model's Xen: what every domain asks of it.
 */
#include "xen_model.h"

#include <string.h>

#include <x86/xen_call.h>

#include "cpu.h"
#include "pvtest.h"
#include "tlb.h"

struct fake_xen fake_xen_model;
#define xen fake_xen_model

#define WORD_BITS (8 * sizeof(long))

enum { VERSION = 4 << 16 | 17 };

uint64_t fake_xen_ns(void)
{
    return xen.ns_at_0 + fake_ns();
}

/* The VCPU's time, as Xen writes it when it lets the VCPU run. */
void fake_xen_write_time(void)
{
    struct pvclock_vcpu_time_info *time;

    if (!xen.vcpu)
        return;
    time = &xen.vcpu->time;
    time->version += 2;
    time->tsc_timestamp = fake_tsc();
    time->system_time = fake_xen_ns();
    /* 2 GHz: a tick is half a nanosecond. */
    if ((uint64_t)fake.tsc_hz != 2000000000)
        FAIL("the model's Xen knows a TSC of 2 GHz only");
    time->tsc_to_system_mul = 0x80000000u;
    time->tsc_shift = 0;
}

void fake_xen_run_vcpu(unsigned vcpu)
{
    struct fake_xen_vcpu *out = &xen.waiting[xen.running];
    const struct fake_xen_vcpu *in = &xen.waiting[vcpu];

    *out = (struct fake_xen_vcpu){
        xen.vcpu,        xen.registrations, xen.timer_ns,
        xen.periodic_ns, xen.timer_port,    xen.upcall_vector,
        xen.upcall,      xen.event_handler, xen.failsafe_handler,
    };
    xen.running = vcpu;
    fake_tlb.cpu = vcpu % FAKE_TLB_CPUS;
    xen.vcpu = in->vcpu;
    xen.vcpu = fake_xen_vcpu_info(vcpu);
    xen.registrations = in->registrations;
    xen.timer_ns = in->timer_ns;
    xen.periodic_ns = in->periodic_ns;
    xen.timer_port = in->timer_port;
    xen.upcall_vector = in->upcall_vector;
    xen.upcall = in->upcall;
    xen.event_handler = in->event_handler;
    xen.failsafe_handler = in->failsafe_handler;
}

static void write_shared(void)
{
    struct shared_info *shared = xen.shared;

    shared->wc_version += 2;
    shared->wc_sec = (uint32_t)(xen.unix_ns / 1000000000);
    shared->wc_nsec = (uint32_t)(xen.unix_ns % 1000000000);
}

/* As evtchn_2l_set_pending(): each step only if the one before changed. */
void fake_xen_set_pending(unsigned port)
{
    unsigned word = port / WORD_BITS;
    unsigned long bit = 1ul << port % WORD_BITS;
    unsigned to = xen.port_vcpu[port];
    struct vcpu_info *vcpu = fake_xen_vcpu_info(to);

    if (!xen.shared || !vcpu || (xen.shared->evtchn_pending[word] & bit))
        return;
    xen.shared->evtchn_pending[word] |= bit;
    if ((xen.shared->evtchn_mask[word] & bit) ||
        (vcpu->evtchn_pending_sel >> word & 1))
        return;
    vcpu->evtchn_pending_sel |= 1ul << word;
    if (!vcpu->evtchn_upcall_pending) {
        if (to == xen.running)
            xen.upcall = true;
        else
            xen.waiting[to].upcall = true;
    }
    vcpu->evtchn_upcall_pending = 1;
}

void fake_xen_event(unsigned port)
{
    if (!xen.bound[port])
        FAIL("an event at port %u, which is not bound", port);
    fake_xen_set_pending(port);
}

static bool begin_upcall(void)
{
    if (fake.xen_pv) {
        if (!xen.event_handler || !xen.vcpu->evtchn_upcall_pending ||
            xen.vcpu->evtchn_upcall_mask)
            return false;
        xen.vcpu->evtchn_upcall_mask = 1;
        return true;
    }
    if (!xen.upcall)
        return false;
    if (xen.upcall_vector) {
        xen.upcall = false;
        return fake_apic_interrupt(xen.upcall_vector);
    }
    if (xen.callback_irq >> HVM_PARAM_CALLBACK_TYPE_SHIFT !=
        HVM_PARAM_CALLBACK_TYPE_VECTOR)
        return false;
    xen.upcall = false;
    return true;
}

bool fake_xen_wait(uint64_t ns)
{
    uint64_t end = fake_xen_ns() + ns;

    if (xen.timer_ns && xen.timer_ns <= end) {
        if (xen.timer_ns > fake_xen_ns())
            fake.now_ps += (xen.timer_ns - fake_xen_ns()) * 1000;
        xen.timer_ns = 0;
        if (xen.timer_port)
            fake_xen_set_pending(xen.timer_port);
    } else {
        fake.now_ps += ns * 1000;
    }
    fake_xen_write_time();
    return begin_upcall();
}

static long version_op(unsigned long command, void *arg)
{
    struct xen_feature_info *info = arg;

    switch (command) {
    case XENVER_version:
        return VERSION;
    case XENVER_extraversion:
        strcpy(arg, ".4");
        return 0;
    case XENVER_get_features:
        info->submap = xen.features;
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

unsigned fake_xen_new_port(void)
{
    unsigned port = 1;

    while (xen.bound[port])
        port++;
    xen.bound[port] = true;
    xen.ipi[port] = false;
    xen.port_vcpu[port] = xen.running;
    return port;
}

static long event_op(unsigned long command, void *arg)
{
    struct evtchn_bind_virq *bind = arg;
    struct evtchn_port *port = arg;

    switch (command) {
    case EVTCHNOP_bind_virq:
        if (bind->virq != VIRQ_TIMER || bind->vcpu != xen.running)
            return -XEN_EINVAL;
        if (xen.timer_port)
            return -XEN_EEXIST;
        bind->port = xen.timer_port = fake_xen_new_port();
        return 0;
    case EVTCHNOP_bind_ipi:
        return fake_xen_bind_ipi(arg);
    case EVTCHNOP_send:
        return fake_xen_send(port->port);
    case EVTCHNOP_close:
        if (!xen.bound[port->port])
            return -XEN_EINVAL;
        xen.bound[port->port] = false;
        if (xen.shared)
            xen.shared->evtchn_pending[port->port / WORD_BITS] &=
                ~(1ul << port->port % WORD_BITS);
        if (xen.timer_port == port->port)
            xen.timer_port = 0;
        return 0;
    case EVTCHNOP_unmask:
        if (!xen.bound[port->port])
            return -XEN_EINVAL;
        if (xen.shared)
            xen.shared->evtchn_mask[port->port / WORD_BITS] &=
                ~(1ul << port->port % WORD_BITS);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

/* All that was pending is announced again, "to make sure nothing gets lost". */
static long register_vcpu_info(const struct vcpu_register_vcpu_info *info)
{
    struct vcpu_info *at = fake_xen_at(info->mfn, info->offset);

    if (xen.registrations || info->offset > 4096 - sizeof(*at) || !at)
        return -XEN_EINVAL;
    xen.registrations++;
    if (xen.vcpu)
        *at = *xen.vcpu;
    xen.vcpu = at;
    at->evtchn_upcall_pending = 1;
    at->evtchn_pending_sel = ~0ul;
    xen.upcall = true;
    fake_xen_write_time();
    return 0;
}

static long vcpu_op(unsigned long command, unsigned long vcpu, void *arg)
{
    const struct vcpu_set_singleshot_timer *timer = arg;
    const struct vcpu_set_periodic_timer *periodic = arg;
    long result = fake_xen_vcpu_op(command, (unsigned)vcpu, arg);

    if (result != -XEN_ENOSYS)
        return result;
    if (vcpu != xen.running)
        return -XEN_EINVAL;
    switch (command) {
    case VCPUOP_register_vcpu_info:
        return register_vcpu_info(arg);
    case VCPUOP_set_singleshot_timer:
        xen.timer_ns = timer->timeout_abs_ns;
        return 0;
    case VCPUOP_stop_singleshot_timer:
        xen.timer_ns = 0;
        return 0;
    case VCPUOP_set_periodic_timer:
        if (periodic->period_ns < 1000000)
            return -XEN_EINVAL;
        xen.periodic_ns = periodic->period_ns;
        return 0;
    case VCPUOP_stop_periodic_timer:
        xen.periodic_ns = 0;
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

static long set_timer_op(unsigned long low, unsigned long high)
{
#ifdef __x86_64__
    (void)high;
    xen.timer_ns = low;
#else
    xen.timer_ns = (uint64_t)high << 32 | low;
#endif
    return 0;
}

static long hvm_op(unsigned long command, void *arg)
{
    struct xen_hvm_param *param = arg;
    const struct xen_hvm_evtchn_upcall_vector *upcall = arg;

    switch (command) {
    case HVMOP_set_param:
        if (param->index != HVM_PARAM_CALLBACK_IRQ)
            return -XEN_EINVAL;
        xen.callback_irq = param->value;
        xen.latches++;
        return 0;
    case HVMOP_set_evtchn_upcall_vector:
        if (upcall->vcpu != xen.running || upcall->vector < 16) {
            xen.refused_vectors++;
            return -XEN_EINVAL;
        }
        xen.upcall_vector = upcall->vector;
        return 0;
    case HVMOP_flush_tlbs:
        if (arg)
            return -XEN_EINVAL;
        xen.remote_flushes++;
        fake_xen_flush(NULL, NULL);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

static long memory_op(unsigned long command, const void *arg)
{
    const struct xen_add_to_physmap *map = arg;

    if (command != XENMEM_add_to_physmap ||
        map->space != XENMAPSPACE_shared_info)
        return -XEN_ENOSYS;
    if (!xen.latches)
        FAIL("shared_info is mapped and nobody told Xen the width of a word");
    xen.shared = (void *)(uintptr_t)((uint64_t)map->gpfn << 12);
    memset(xen.shared, 0, 4096);
    xen.vcpu = &xen.shared->vcpu_info[0];
    write_shared();
    fake_xen_write_time();
    return 0;
}

static long sched_op(unsigned long command, const void *arg,
                     unsigned long suspend_record)
{
    const struct sched_shutdown *shutdown = arg;

    switch (command) {
    case SCHEDOP_yield:
        xen.yields++;
        return 0;
    case SCHEDOP_block:
        xen.vcpu->evtchn_upcall_mask = 0;
        xen.blocks++;
        return 0;
    case SCHEDOP_poll:
        xen.polls++;
        return fake_xen_poll(arg);
    case SCHEDOP_shutdown:
        return shutdown->reason == SHUTDOWN_suspend && xen.at_suspend
                   ? xen.at_suspend(suspend_record)
                   : -XEN_ENOSYS;
    default:
        return -XEN_ENOSYS;
    }
}

static long serve(unsigned long number, unsigned long a1, unsigned long a2,
                  unsigned long a3)
{
    for (unsigned i = 0; i < xen.refusals; i++) {
        if (xen.refused[i].number == number && xen.refused[i].command == a1)
            return -xen.refused[i].error;
    }
    switch (number) {
    case __HYPERVISOR_xen_version:
        return version_op(a1, (void *)a2);
    case __HYPERVISOR_event_channel_op:
        return event_op(a1, (void *)a2);
    case __HYPERVISOR_vcpu_op:
        return vcpu_op(a1, a2, (void *)a3);
    case __HYPERVISOR_set_timer_op:
        return set_timer_op(a1, a2);
    case __HYPERVISOR_hvm_op:
        return fake.xen_pv ? -XEN_ENOSYS : hvm_op(a1, (void *)a2);
    case __HYPERVISOR_memory_op:
        return fake.xen_pv ? -XEN_ENOSYS : memory_op(a1, (void *)a2);
    case __HYPERVISOR_sched_op:
        return sched_op(a1, (const void *)a2, a3);
    default:
        return fake.xen_pv ? fake_xen_pv_call(number, a1, a2, a3) : -XEN_ENOSYS;
    }
}

static long call(unsigned long number, unsigned long a1, unsigned long a2,
                 unsigned long a3, unsigned long a4)
{
    long result = serve(number, a1, a2, a3);

    xen.calls++;
    (void)a4;
    if (xen.at_return && !xen.vcpu->evtchn_upcall_mask)
        xen.at_return();
    return result;
}

void fake_xen_refuse(unsigned number, unsigned command, long error)
{
    xen.refused[xen.refusals++] =
        (struct fake_xen_refusal){ number, command, error };
}

void fake_xen_setup(uint32_t base)
{
    memset(&xen, 0, sizeof(xen));
    xen.features =
        1u << XENFEAT_hvm_callback_vector | 1u << XENFEAT_hvm_safe_pvclock;
    xen.ns_at_0 = UINT64_C(5000000000000);
    xen.unix_ns = UINT64_C(1795350896123456789);
    xen.vcpus = FAKE_XEN_VCPUS;
    xen.initialised[0] = xen.up[0] = true;
    fake_hypervisor(base, base + 4, "XenVMMXenVMM");
    fake_xen = call;
}
