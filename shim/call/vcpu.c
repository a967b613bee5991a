/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op: other VCPUs, and what a VCPU registers.
 *
 * Source: Xen 4.17 xen/common/domain.c, common_vcpu_op(); xen/arch/x86/
 *         domain.c, arch_do_vcpu_op() (error numbers).
 */
#include "abi/x86.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "dev/clock.h"
#include "dev/power.h"
#include "domain/domain.h"
#include "event/event.h"
#include "mm/frame.h"
#include "mm/guest.h"

#include <x86/insn.h>

#define LEAST_PERIOD_NS 1000000u
#define MOST_PERIOD_NS  (UINT64_MAX >> 2) /* STIME_DELTA_MAX */

/* Its CPU waits in smp.c. */
static long up(struct vcpu *vcpu)
{
    if (!vcpu->initialised)
        return -XEN_EINVAL;
    vcpu->up = true;
    vcpu_wake(vcpu);
    return 0;
}

static bool is_last(const struct vcpu *vcpu)
{
    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        if (vcpu_at(i) != vcpu && vcpu_at(i)->up)
            return false;
    }
    return true;
}

/*
 * It goes on behind this hypercall when it is up again, with all it had. Whom
 * nobody could bring up again turns the machine off.
 */
static long down(struct vcpu *vcpu)
{
    static struct lock lock; /* of two that are the last but one */
    bool last;

    lock_take(&lock);
    last = is_last(vcpu);
    vcpu->up = false;
    lock_release(&lock);
    if (last)
        power_off();
    vcpu_wake(vcpu); /* so that it looks: vcpu_look_down() */
    return call_look_down(0);
}

static long set_periodic(struct vcpu *vcpu, uint64_t argument)
{
    struct vcpu_set_periodic_timer timer;

    if (!guest_read(&timer, argument, sizeof(timer)))
        return -XEN_EFAULT;
    if (timer.period_ns < LEAST_PERIOD_NS || timer.period_ns > MOST_PERIOD_NS)
        return -XEN_EINVAL;
    timer_set_period(vcpu, timer.period_ns);
    return 0;
}

static long set_singleshot(struct vcpu *vcpu, uint64_t argument)
{
    struct vcpu_set_singleshot_timer timer;

    if (vcpu != vcpu_this())
        return -XEN_EINVAL;
    if (!guest_read(&timer, argument, sizeof(timer)))
        return -XEN_EFAULT;
    if ((timer.flags & VCPU_SSHOTTMR_future) &&
        timer.timeout_abs_ns < clock_ns())
        return -XEN_ETIME;
    vcpu->timer_ns = timer.timeout_abs_ns ? timer.timeout_abs_ns : 1;
    timer_arm(vcpu);
    return 0;
}

static long stop_singleshot(struct vcpu *vcpu)
{
    if (vcpu != vcpu_this())
        return -XEN_EINVAL;
    vcpu->timer_ns = 0;
    timer_arm(vcpu);
    return 0;
}

static long register_info(struct vcpu *vcpu, uint64_t argument)
{
    struct vcpu_register_vcpu_info info;

    if (!guest_read(&info, argument, sizeof(info)))
        return -XEN_EFAULT;
    return vcpu_move_info(vcpu, info.mfn, info.offset);
}

static long get_runstate(struct vcpu *vcpu, uint64_t argument)
{
    struct vcpu_runstate_info info;

    runstate_now(vcpu, &info);
    return guest_write(argument, &info, sizeof(info)) ? 0 : -XEN_EFAULT;
}

static long register_runstate(struct vcpu *vcpu, uint64_t argument)
{
    struct vcpu_runstate_info info;
    uint64_t area;

    if (!guest_read64(argument, &area))
        return -XEN_EFAULT;
    if (area && !guest_address_ok(area))
        return -XEN_EFAULT;
    vcpu->runstate_area = area;
    runstate_now(vcpu, &info);
    if (area)
        (void)guest_write(area, &info, sizeof(info));
    return 0;
}

static long register_time(struct vcpu *vcpu, uint64_t argument)
{
    uint64_t area;

    if (!guest_read64(argument, &area))
        return -XEN_EFAULT;
    if (area && !guest_address_ok(area))
        return -XEN_EFAULT;
    vcpu->time_area = area;
    if (area)
        (void)guest_write(area, &vcpu->info->time, sizeof(vcpu->info->time));
    return 0;
}

long call_vcpu_op(uint64_t command, uint64_t id, uint64_t argument)
{
    struct vcpu *vcpu;

    if ((uint32_t)id >= domain.vcpu_count)
        return -XEN_ENOENT;
    vcpu = vcpu_at((uint32_t)id);
    switch ((uint32_t)command) {
    case VCPUOP_initialise:
        return vcpu_set_context(vcpu, argument);
    case VCPUOP_up:
        return up(vcpu);
    case VCPUOP_down:
        return down(vcpu);
    case VCPUOP_is_up:
        return vcpu->up;
    case VCPUOP_get_runstate_info:
        return get_runstate(vcpu, argument);
    case VCPUOP_register_runstate_memory_area:
        return register_runstate(vcpu, argument);
    case VCPUOP_set_periodic_timer:
        return set_periodic(vcpu, argument);
    case VCPUOP_stop_periodic_timer:
        timer_set_period(vcpu, 0);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(vcpu, argument);
    case VCPUOP_stop_singleshot_timer:
        return stop_singleshot(vcpu);
    case VCPUOP_register_vcpu_info:
        return register_info(vcpu, argument);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time(vcpu, argument);
    }
    return call_unknown("vcpu_op", (uint32_t)command);
}
