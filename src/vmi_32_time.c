/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: clock, stolen time and deadlines by a ROM's calls 66 to 70.
 *
 * Deadlines are alarms of the counter REAL, as the local APIC's timer: its
 * entry of the vector table names the deadline vector, and the EOI is the
 * APIC's. REAL is the same on every CPU.
 */
#include "vmi_32.h"

#if PVOPS_VMI && !defined(__x86_64__)

#include "ticks.h"
#include <x86/percpu.h>

enum {
    LEAST_HZ = 1000000,
    /* As long as no product of ns and rate is beyond 64 bits. */
    MOST_NS_SHIFT = 53,
};
#define MOST_HZ UINT64_C(1000000000000)

#define ALARM (VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT)

typedef PVOPS_OP_CALL uint64_t get_cycle_frequency_call(void);
typedef PVOPS_OP_CALL uint64_t get_cycle_counter_call(uint32_t which);
typedef PVOPS_OP_CALL void set_alarm_call(uint32_t flags, uint64_t expiry,
                                          uint64_t period);
typedef PVOPS_OP_CALL uint32_t cancel_alarm_call(uint32_t flags);

static struct {
    uint64_t start;  /* REAL at 0 ns */
    uint64_t per_ns; /* cycles, 32.32 fixed point */
    uint32_t mul;    /* for pvi_ticks_scale() */
    int8_t shift;
} clock;

/* pvops_cpu.private_ */
struct vmi_cpu {
    uint64_t stolen_at_start;
};
_Static_assert(sizeof(struct vmi_cpu) <=
                   sizeof(((struct pvops_cpu *)0)->private_),
               "private_ is too small");

static struct vmi_cpu *vmi_cpu(struct pvops_cpu *cpu)
{
    return (struct vmi_cpu *)(void *)cpu->private_;
}

static uint64_t counter(uint32_t which)
{
    return (
        (get_cycle_counter_call *)pvi_vmi32_targets[VMI_CALL_GetCycleCounter])(
        which);
}

bool pvi_vmi32_start_clock(void)
{
    uint64_t hz = ((get_cycle_frequency_call *)
                       pvi_vmi32_targets[VMI_CALL_GetCycleFrequency])();

    if (hz < LEAST_HZ || hz > MOST_HZ) {
        pvi_vmi_refuse("GetCycleFrequency is not between 1 MHz and 1 THz",
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    pvi_ticks_factors(hz, &clock.mul, &clock.shift);
    clock.per_ns = pvi_ticks_rate(hz, PVI_NS_PER_S);
    clock.start = counter(VMI_CYCLES_REAL);
    return true;
}

PVOPS_OP_CALL uint64_t pvi_vmi32_now_ns(void)
{
    return pvi_ticks_scale(counter(VMI_CYCLES_REAL) - clock.start, clock.mul,
                           clock.shift);
}

PVOPS_OP_CALL uint64_t pvi_vmi32_stolen_ns(void)
{
    uint64_t start = vmi_cpu(pvi_this_cpu())->stolen_at_start;

    return pvi_ticks_scale(counter(VMI_CYCLES_STOLEN) - start, clock.mul,
                           clock.shift);
}

/* The first cycle at which 'at_ns' has come; early if it is far away. */
static void set_alarm(uint64_t at_ns)
{
    uint64_t now = counter(VMI_CYCLES_REAL);
    uint64_t now_ns =
        pvi_ticks_scale(now - clock.start, clock.mul, clock.shift);
    uint64_t ns = at_ns > now_ns ? at_ns - now_ns : 0;

    if (ns >> MOST_NS_SHIFT)
        ns = UINT64_C(1) << MOST_NS_SHIFT;
    now += (pvi_mul_high(ns, clock.per_ns) << 32 |
            (uint32_t)(ns * clock.per_ns >> 32)) +
           1;
    ((set_alarm_call *)pvi_vmi32_targets[VMI_CALL_SetAlarm])(ALARM, now, 0);
}

static void cancel_alarm(void)
{
    (void)((cancel_alarm_call *)pvi_vmi32_targets[VMI_CALL_CancelAlarm])(ALARM);
}

PVOPS_OP_CALL void pvi_vmi32_set_deadline(uint64_t at_ns)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (!c->lapic_timer)
        pvi_panic("pvops_time_set_deadline(): this CPU's timer is your own");
    c->deadline_ns = at_ns;
    set_alarm(at_ns);
}

PVOPS_OP_CALL void pvi_vmi32_cancel_deadline(void)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());

    c->deadline_ns = PVI_NO_DEADLINE;
    if (c->lapic_timer)
        cancel_alarm();
}

PVOPS_OP_CALL unsigned pvi_vmi32_arrived(unsigned vector)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());
    unsigned found;

    if (pvi_lapic_spurious(vector))
        return 0;
    pvi_lapic_eoi();
    found = pvi_smp_vector(vector);
    if (c->deadline_ns == PVI_NO_DEADLINE)
        return found;
    if (pvi_vmi32_now_ns() < c->deadline_ns) {
        set_alarm(c->deadline_ns);
        return found;
    }
    c->deadline_ns = PVI_NO_DEADLINE;
    return found | PVOPS_ARRIVED_DEADLINE;
}

enum pvops_status pvi_vmi32_timer_setup(struct pvops_cpu *cpu)
{
    enum pvops_status status = pvi_lapic_wire(cpu);

    if (status == PVOPS_OK)
        vmi_cpu(cpu)->stolen_at_start = counter(VMI_CYCLES_STOLEN);
    return status;
}

void pvi_vmi32_timer_teardown(struct pvops_cpu *cpu)
{
    if (pvi_common(cpu)->lapic_timer)
        cancel_alarm();
    pvi_lapic_cpu_teardown(cpu);
}

#endif
