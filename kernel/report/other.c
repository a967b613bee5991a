/* SPDX-License-Identifier: MIT */
/*
 * What is sent to another CPU: KVM's and Hyper-V's hypercalls.
 */
#include "report/abi_hyperv.h"
#include "report/abi_kvm.h"
#include "report/other.h"

enum { WAIT_US = 100000, ASLEEP_US = 20000 };

/* False: there is none, or nobody claims it; said. */
static bool begin(struct report_try *try, unsigned *out_cpu)
{
    *out_cpu = machine_other();
    if (!try->claimed)
        try_absent(try);
    else if (!*out_cpu)
        try_untried(try,
                    machine_cpus() < 2 ? "one CPU" : "the other CPU sleeps on");
    return try->claimed && *out_cpu;
}

static void arrives(struct report_try *try)
{
    if (try->verdict == REPORT_WRONG)
        return;
    if (!machine_wait(1, report_ticks(WAIT_US)))
        try_wrong(try, "it does not arrive in 100 ms");
    try_right(try, "it arrives");
}

static void kvm(struct report_try *try, unsigned number, uintptr_t one,
                uintptr_t two, uintptr_t three, uintptr_t four, long want)
{
    const uintptr_t args[4] = { one, two, three, four };
    long result;

    if (!machine_kvm(number, args, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result != want)
        try_wrong(try, "it answers %ld, not %ld", result, want);
}

void probe_kvm_ipi_other(struct report_try *try)
{
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    machine_count[0] = machine_count[1] = 0;
    kvm(try, KVM_CALL_IPI, 1, 0, machine_apic_of(cpu), MACHINE_VECTOR, 1);
    arrives(try);
}

void probe_kvm_yield_other(struct report_try *try)
{
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    kvm(try, KVM_CALL_YIELD, machine_apic_of(cpu), 0, 0, 0, 0);
    try_right(try, "it answers 0");
}

/* A CPU that sleeps with interrupts off has nothing else to wake it. */
void probe_kvm_kick_other(struct report_try *try)
{
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    if (!machine_sleeps(cpu, report_ticks(WAIT_US))) {
        try_untried(try, "the other CPU is busy");
        return;
    }
    if (machine_is_awake(report_ticks(ASLEEP_US))) {
        try_right(try, "HLT comes back by itself");
        return;
    }
    kvm(try, KVM_CALL_KICK, 0, machine_apic_of(cpu), 0, 0, 0);
    if (!machine_is_awake(report_ticks(WAIT_US)))
        try_wrong(try, "it sleeps on, 100 ms after the kick");
    try_right(try, "it woke up");
}

static struct report_hv_flush flush __attribute__((aligned(64)));

/* The other's number; its MSR is there if this CPU's is. */
static unsigned index_of(unsigned cpu)
{
    struct machine_msr msr = { HV_MSR_VP_INDEX, 0 };

    if (!machine_rdmsr(HV_MSR_VP_INDEX, &msr.value))
        return cpu;
    machine_rdmsr_on(cpu, &msr);
    return (unsigned)msr.value;
}

static void hyperv(struct report_try *try, uint64_t control, uint64_t input,
                   uint64_t output)
{
    uint64_t result;

    if (!machine_hyperv(control, input, output, &result))
        try_wrong(try, "the hypercall page's code faults");
    else if (result & 0xffff)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
}

void probe_hv_ipi_other(struct report_try *try)
{
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    if (!machine_has_hyperv_page()) {
        try_untried(try, "there is no hypercall page");
        return;
    }
    machine_count[0] = machine_count[1] = 0;
    hyperv(try, HV_CALL_IPI | HV_CALL_FAST, MACHINE_VECTOR,
           UINT64_C(1) << index_of(cpu) % 64);
    arrives(try);
}

void probe_hv_icr_other(struct report_try *try)
{
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    machine_count[0] = machine_count[1] = 0;
    if (!machine_wrmsr(HV_MSR_ICR,
                       (uint64_t)machine_apic_of(cpu) << 56 | MACHINE_VECTOR))
        try_wrong(try, "WRMSR faults");
    arrives(try);
}

void probe_hv_flush_other(struct report_try *try)
{
    struct report_stale stale;
    unsigned cpu;

    if (!begin(try, &cpu))
        return;
    if (!machine_has_hyperv_page()) {
        try_untried(try, "there is no hypercall page");
        return;
    }
    report_stale_begin(&stale, cpu);
    flush = (struct report_hv_flush){
        .flags = HV_FLUSH_ALL_SPACES,
        .processors = UINT64_C(1) << index_of(cpu) % 64,
    };
    hyperv(try, HV_CALL_FLUSH_SPACE, machine_paddr(&flush), 0);
    report_stale_judge(try, &stale, "status 0");
}
