/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: EOI, and its timer as the one-shot deadline.
 *
 * The APIC stays in the mode in which it was found, xAPIC or x2APIC, since the
 * embedder may have code of its own for it; the mode must not change after
 * pvops_cpu_setup(). One that is switched off by its spurious-vector register
 * is switched on, with the deadline vector as spurious vector, because that is
 * the only vector that the library has: arrived() tells the two apart.
 *
 * A deadline further away than the counter reaches comes early in steps, as
 * does one that the timer's frequency got wrong: pvi_lapic_deadline() sets it
 * again for the rest.
 */
#include "internal.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/x86.h"
#include "ticks.h"
#include "vmi.h"
#include <x86/insn.h>
#include <x86/percpu.h>

enum {
    NS_PER_S = 1000000000,
    /* How long to count when nobody knows the frequency, and how often. */
    MEASURE_NS = 10000000,
    MEASURE_READS = 10000000, /* of the clock, if it stands */
    MEASUREMENTS = 4,
};

static uint32_t read_register(const struct pvi_common *c, unsigned reg)
{
    if (c->lapic_x2apic)
        return (uint32_t)x86_rdmsr(MSR_X2APIC + reg / 16);
    return x86_read32((volatile uint8_t *)pvi.lapic + reg);
}

static void write_register(const struct pvi_common *c, unsigned reg,
                           uint32_t value)
{
    if (c->lapic_x2apic)
        x86_wrmsr(MSR_X2APIC + reg / 16, value);
    else
        x86_write32((volatile uint8_t *)pvi.lapic + reg, value);
}

/* IA32_APIC_BASE, or what a CPU of family 5 would have there; 0: no APIC. */
static uint64_t apic_base(void)
{
    struct x86_cpuid features;
    uint64_t base;

    if (!x86_has_cpuid())
        return 0;
    features = x86_cpuid(CPUID_FEATURES, 0);
    if (!(features.edx & CPUID_1_EDX_APIC) || !(features.edx & CPUID_1_EDX_MSR))
        return 0;
    if ((features.eax >> 8 & 15) < 6)
        return APIC_BASE_FAMILY_5 | IA32_APIC_BASE_ENABLED;

    base = x86_rdmsr(MSR_IA32_APIC_BASE);
    return base & IA32_APIC_BASE_ENABLED ? base : 0;
}

bool pvi_lapic_present(void)
{
    return apic_base() != 0;
}

/* 'pvi.lapic' is mapped by the boot CPU; the others have theirs there too. */
static bool map_registers(uint64_t base)
{
    pvops_paddr paddr = base & APIC_BASE_ADDRESS;

    if (pvi.lapic)
        return true;
    pvi.lapic = pvi.probe.lapic;
    if (!pvi.lapic)
        pvi.lapic = pvops_host_map(paddr, 4096, PVOPS_MAP_DEVICE);
    if (!pvi.lapic)
        pvi_log(PVOPS_LOG_INFO, "lapic: not mapped by the kernel at 0x%llx",
                (unsigned long long)paddr);
    return pvi.lapic != NULL;
}

bool pvi_lapic_enable(struct pvops_cpu *cpu)
{
    struct pvi_common *c = pvi_common(cpu);
    uint64_t base = apic_base();

    if (!base)
        return false;
    c->lapic_x2apic = (base & IA32_APIC_BASE_X2APIC) != 0;
    if (!c->lapic_x2apic && !map_registers(base))
        return false;

    c->found_spurious = read_register(c, APIC_SPURIOUS);
    if (!(c->found_spurious & APIC_SPURIOUS_ENABLED)) {
        uint32_t vector =
            cpu->own_timer ? cpu->event_vector : cpu->deadline_vector;

        c->lapic_spurious_ours = true;
        write_register(c, APIC_SPURIOUS, APIC_SPURIOUS_ENABLED | vector);
    }
    pvi_smp(cpu)->apic_id = read_register(c, APIC_ID);
    if (!c->lapic_x2apic)
        pvi_smp(cpu)->apic_id >>= APIC_ID_SHIFT;
    c->lapic_enabled = true;
    return true;
}

/* Timer ticks in 'ns', rounded up; never 0, which would stop the timer. */
static uint64_t ticks(const struct pvi_common *c, uint32_t ns)
{
    return ns * (c->timer_rate >> 32) +
           (ns * (c->timer_rate & UINT32_MAX) >> 32) + 1;
}

/*
 * TSC-deadline mode needs a TSC of constant and known frequency. On bare metal
 * one that was adjusted is not trusted with it (abi/lapic.h: errata).
 */
static bool tsc_deadline_usable(void)
{
    if (!(x86_cpuid(CPUID_FEATURES, 0).ecx & CPUID_1_ECX_TSC_DEADLINE))
        return false;
    if (!pvi.info.tsc_hz || !pvi.info.tsc_invariant)
        return false;
    if (pvi.info.hypervisor != PVOPS_HYPERVISOR_NONE)
        return true;
    if (x86_cpuid(CPUID_BASIC, 0).eax < CPUID_MORE_FEATURES ||
        !(x86_cpuid(CPUID_MORE_FEATURES, 0).ebx & CPUID_7_EBX_TSC_ADJUST))
        return true;
    return x86_rdmsr(MSR_IA32_TSC_ADJUST) == 0;
}

/*
 * The timer's rate against the clock, which is read outside of what the timer
 * counts: the true one is no lower. 0 if either stands or runs wild.
 */
static uint64_t measure_once(const struct pvi_common *c)
{
    uint64_t start_ns = pvops_time_table.now_ns();
    uint64_t ns = 0;
    uint32_t left;

    write_register(c, APIC_TIMER_INITIAL, UINT32_MAX);
    for (unsigned i = 0; i < MEASURE_READS && ns < MEASURE_NS; i++) {
        x86_pause();
        ns = pvops_time_table.now_ns() - start_ns;
    }
    left = read_register(c, APIC_TIMER_CURRENT);
    ns = pvops_time_table.now_ns() - start_ns;
    write_register(c, APIC_TIMER_INITIAL, 0);

    if (ns < MEASURE_NS || ns > NS_PER_S || left == 0 || left == UINT32_MAX)
        return 0;
    return pvi_ticks_rate(UINT32_MAX - left, (uint32_t)ns);
}

/*
 * The highest of a few. If this CPU was taken away in each, the rate is too
 * low: deadlines come early and are set again, where a rate too high would make
 * every one late.
 */
static uint64_t measure_rate(const struct pvi_common *c)
{
    uint64_t best = 0;

    for (unsigned i = 0; i < MEASUREMENTS; i++) {
        uint64_t now = measure_once(c);

        if (now > best)
            best = now;
        if (now == 0 && i == 0)
            break;
    }
    return best;
}

/* The timer masked and stopped, and how it was found. */
static void take_timer(struct pvi_common *c, uint32_t vector)
{
    c->found_lvt_timer = read_register(c, APIC_LVT_TIMER);
    c->found_divide = read_register(c, APIC_TIMER_DIVIDE);
    write_register(c, APIC_LVT_TIMER, APIC_LVT_MASKED | vector);
    write_register(c, APIC_TIMER_INITIAL, 0);
    c->lapic_timer = true;
}

static bool timer_setup(struct pvops_cpu *cpu)
{
    struct pvi_common *c = pvi_common(cpu);
    uint32_t lvt = cpu->deadline_vector;

    if (pvi.clock.kind == PVOPS_CLOCK_NONE && !pvi_vmi_has_clock()) {
        pvi_log(PVOPS_LOG_ERROR, "lapic: no clock by which a deadline passes");
        return false;
    }
    take_timer(c, lvt);
    write_register(c, APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);

    if (tsc_deadline_usable()) {
        c->lapic_tsc_deadline = true;
        lvt |= APIC_LVT_DEADLINE;
        c->timer_rate = pvi_ticks_rate(pvi.info.tsc_hz, NS_PER_S);
    } else if (pvi.info.apic_hz) {
        c->timer_rate = pvi_ticks_rate(pvi.info.apic_hz, NS_PER_S);
    } else {
        c->timer_rate = measure_rate(c);
    }
    if (!c->timer_rate) {
        pvi_log(PVOPS_LOG_ERROR, "lapic: the timer's frequency is unknown");
        return false;
    }

    write_register(c, APIC_LVT_TIMER, lvt);
    /* Or the first WRMSR of a deadline could overtake the store of the mode. */
    if (c->lapic_tsc_deadline)
        x86_mfence();
    return true;
}

enum pvops_status pvi_lapic_cpu_setup(struct pvops_cpu *cpu,
                                      const struct pvops_cpu_options *options)
{
    struct pvi_common *c = pvi_common(cpu);
    bool enabled = pvi_lapic_enable(cpu);

    c->deadline_ns = PVI_NO_DEADLINE;
    if (options->own_timer)
        return PVOPS_OK;
    if (!enabled) {
        pvi_log(PVOPS_LOG_ERROR, "lapic: none; no timer for deadlines");
        return PVOPS_E_UNSUPPORTED;
    }
    if (!timer_setup(cpu)) {
        pvi_lapic_cpu_teardown(cpu);
        return PVOPS_E_UNSUPPORTED;
    }
    pvi_log(PVOPS_LOG_INFO, "lapic: %s, deadlines by %s",
            c->lapic_x2apic ? "x2APIC" : "xAPIC",
            c->lapic_tsc_deadline ? "the TSC" : "its counter");
    return PVOPS_OK;
}

enum pvops_status pvi_lapic_wire(struct pvops_cpu *cpu)
{
    struct pvi_common *c = pvi_common(cpu);
    bool enabled = pvi_lapic_enable(cpu);

    c->deadline_ns = PVI_NO_DEADLINE;
    if (cpu->own_timer)
        return PVOPS_OK;
    if (!enabled) {
        pvi_log(PVOPS_LOG_ERROR, "lapic: none; no timer for deadlines");
        return PVOPS_E_UNSUPPORTED;
    }
    take_timer(c, cpu->deadline_vector);
    write_register(c, APIC_LVT_TIMER, cpu->deadline_vector);
    return PVOPS_OK;
}

static void stop_timer(const struct pvi_common *c)
{
    if (c->lapic_tsc_deadline)
        x86_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
    else
        write_register(c, APIC_TIMER_INITIAL, 0);
}

void pvi_lapic_cpu_teardown(struct pvops_cpu *cpu)
{
    struct pvi_common *c = pvi_common(cpu);

    if (c->lapic_timer) {
        stop_timer(c);
        write_register(c, APIC_LVT_TIMER, c->found_lvt_timer);
        write_register(c, APIC_TIMER_DIVIDE, c->found_divide);
    }
    if (c->lapic_spurious_ours)
        write_register(c, APIC_SPURIOUS, c->found_spurious);
    c->lapic_timer = false;
    c->lapic_tsc_deadline = false;
    c->lapic_spurious_ours = false;
    c->lapic_enabled = false;
}

void pvi_lapic_eoi(void)
{
    const struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (c->lapic_enabled)
        write_register(c, APIC_EOI, 0);
}

/*
 * Of an xAPIC the last interrupt must be on its way first, and no handler may
 * send between the two writes. x2APIC: WRMSR to its registers orders nothing,
 * so stores that are meant for the other go first.
 */
void pvi_lapic_send(uint32_t apic_id, unsigned command)
{
    const struct pvi_common *c = pvi_common(pvi_this_cpu());
    uintptr_t flags;

    if (!c->lapic_enabled)
        pvi_panic("lapic: an interrupt to another CPU, and there is no APIC");
    if (c->lapic_x2apic) {
        x86_mfence();
        x86_wrmsr(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | command);
        return;
    }
    flags = pvops_irq_table.save_flags();
    pvops_irq_table.disable();
    while (read_register(c, APIC_ICR) & APIC_ICR_PENDING)
        x86_pause();
    write_register(c, APIC_ICR_HIGH, apic_id << APIC_ID_SHIFT);
    write_register(c, APIC_ICR, command);
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
}

static void start_timer(struct pvi_common *c)
{
    uint64_t now_ns = pvops_time_table.now_ns();
    uint64_t ns = c->deadline_ns > now_ns ? c->deadline_ns - now_ns : 0;
    uint64_t n = ticks(c, ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX);

    if (c->lapic_tsc_deadline)
        x86_wrmsr(MSR_IA32_TSC_DEADLINE, x86_rdtsc() + n);
    else
        write_register(c, APIC_TIMER_INITIAL,
                       n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
}

PVOPS_OP_CALL void pvi_native_time_set_deadline(uint64_t at_ns)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (!c->lapic_timer)
        pvi_panic("pvops_time_set_deadline(): this CPU's timer is your own");
    c->deadline_ns = at_ns;
    start_timer(c);
}

PVOPS_OP_CALL void pvi_native_time_cancel_deadline(void)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());

    c->deadline_ns = PVI_NO_DEADLINE;
    if (c->lapic_timer)
        stop_timer(c);
}

unsigned pvi_lapic_deadline(void)
{
    struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (c->deadline_ns == PVI_NO_DEADLINE)
        return 0;
    if (pvops_time_table.now_ns() < c->deadline_ns) {
        start_timer(c);
        return 0;
    }
    c->deadline_ns = PVI_NO_DEADLINE;
    return PVOPS_ARRIVED_DEADLINE;
}

bool pvi_lapic_in_service(unsigned vector)
{
    const struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (!c->lapic_enabled)
        return false;
    return read_register(c, APIC_ISR + vector / 32 * APIC_ISR_STEP) >>
               vector % 32 &
           1;
}

bool pvi_lapic_spurious(unsigned vector)
{
    return pvi_common(pvi_this_cpu())->lapic_spurious_ours &&
           !pvi_lapic_in_service(vector);
}

PVOPS_OP_CALL unsigned pvi_native_time_arrived(unsigned vector)
{
    const struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (c->lapic_enabled) {
        if (pvi_lapic_spurious(vector))
            return 0;
        write_register(c, APIC_EOI, 0);
    }
    return pvi_smp_vector(vector) | pvi_lapic_deadline();
}
