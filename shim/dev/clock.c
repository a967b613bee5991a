/* SPDX-License-Identifier: MIT */
/*
 * Time areas, the wall clock, deadlines.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, struct vcpu_time_info and
 *         shared_info.
 */
#include "dev/clock.h"

#include <pvops/clock.h>

#include "dev/lapic.h"
#include "domain/domain.h"
#include "event/event.h"
#include "log.h"
#include "mm/guest.h"
#include "ticks.h"

#include <x86/insn.h>

uint64_t pvi_native_time_wall_ns(void);

static uint64_t begin_tsc;
static uint32_t mul;
static int8_t shift;
static uint64_t tsc_hz;
static bool stable;

void clock_setup(const struct pvops_info *info)
{
    if (!info->tsc_hz)
        boot_failed("the frequency of the TSC is not known");
    tsc_hz = info->tsc_hz;
    stable = info->tsc_invariant;
    pvi_ticks_factors(tsc_hz, &mul, &shift);
    begin_tsc = x86_rdtsc();
}

uint64_t clock_ns(void)
{
    return pvi_ticks_scale(x86_rdtsc() - begin_tsc, mul, shift);
}

uint32_t clock_tsc_khz(void)
{
    return (uint32_t)(tsc_hz / 1000);
}

uint32_t clock_mul(void)
{
    return mul;
}

int clock_shift(void)
{
    return shift;
}

void clock_fill(struct vcpu *vcpu)
{
    struct pvclock_vcpu_time_info *time = &vcpu->info->time;
    uint32_t version = time->version | 1;

    *(volatile uint32_t *)&time->version = version;
    x86_barrier();
    time->tsc_timestamp = begin_tsc;
    time->system_time = 0;
    time->tsc_to_system_mul = mul;
    time->tsc_shift = shift;
    time->flags = stable ? PVCLOCK_TSC_STABLE : 0;
    x86_barrier();
    *(volatile uint32_t *)&time->version = version + 1;
    if (vcpu->time_area && vcpu == vcpu_this())
        (void)guest_write(vcpu->time_area, time, sizeof(*time));
}

void clock_set_wall(uint64_t seconds, uint32_t ns, uint64_t system_ns)
{
    uint64_t wall = seconds * PVI_NS_PER_S + ns - system_ns;
    struct shared_info *shared = domain.shared;
    uint32_t version = shared->wc_version | 1;

    *(volatile uint32_t *)&shared->wc_version = version;
    x86_barrier();
    shared->wc_sec = (uint32_t)(wall / PVI_NS_PER_S);
    shared->wc_sec_hi = (uint32_t)(wall / PVI_NS_PER_S >> 32);
    shared->wc_nsec = (uint32_t)(wall % PVI_NS_PER_S);
    x86_barrier();
    *(volatile uint32_t *)&shared->wc_version = version + 1;
}

void clock_fill_wall(void)
{
    uint64_t wall = pvi_native_time_wall_ns();

    clock_set_wall(wall / PVI_NS_PER_S, wall % PVI_NS_PER_S, clock_ns());
}

static uint64_t sooner(uint64_t one, uint64_t other)
{
    return !other || (one && one < other) ? one : other;
}

void timer_arm(struct vcpu *vcpu)
{
    uint64_t next =
        sooner(sooner(vcpu->timer_ns, vcpu->periodic_ns), vcpu->poll_ns);
    uint64_t now;

    if (!next) {
        lapic_timer_stop();
        return;
    }
    now = clock_ns();
    lapic_timer(next > now ? next - now : 1);
}

/* periodic_ns is written by the VCPU's own CPU alone. */
void timer_set_period(struct vcpu *vcpu, uint64_t ns)
{
    vcpu->period_ns = ns;
    /* Before 'running' is read, which is written before this is. */
    __atomic_store_n(&vcpu->period_new, true, __ATOMIC_SEQ_CST);
    if (vcpu == vcpu_this())
        timer_expire(vcpu);
    else if (vcpu->running)
        lapic_send(vcpu->apic_id, VECTOR_TIMER);
}

void timer_expire(struct vcpu *vcpu)
{
    uint64_t now = clock_ns();

    if (vcpu->period_new &&
        __atomic_exchange_n(&vcpu->period_new, false, __ATOMIC_SEQ_CST))
        vcpu->periodic_ns = vcpu->period_ns ? now + vcpu->period_ns : 0;
    if (vcpu->timer_ns && vcpu->timer_ns <= now) {
        vcpu->timer_ns = 0;
        event_virq(vcpu, VIRQ_TIMER);
    }
    if (vcpu->periodic_ns && vcpu->periodic_ns <= now) {
        vcpu->periodic_ns += vcpu->period_ns;
        if (vcpu->periodic_ns <= now)
            vcpu->periodic_ns = now + vcpu->period_ns;
        event_virq(vcpu, VIRQ_TIMER);
    }
    if (vcpu->poll_ns && vcpu->poll_ns <= now)
        vcpu->poll_ns = 0;
    timer_arm(vcpu);
}
