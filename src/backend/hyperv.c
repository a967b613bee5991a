/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V, and KVM's and QEMU's imitation of it.
 *
 * Detects:  the interface that the probe found, unless one of those before it
 *           in backends.def shows itself too.
 * Installs: time.set_deadline, cancel_deadline, arrived: a synthetic timer and
 *           EOI by MSR, each only if its bits are set. smp.send_ipi, send_ipis,
 *           flush_*: hypercalls, the ICR's MSR; lock.wait, kick: the idle MSR,
 *           or notes of long waits. The report of a crash. The hypercall page
 *           and the guest OS id, for the embedder's drivers too.
 * Leaves:   the clock to clock.c, everything else native.
 * Host:     pvops_host_paddr(), pvops_host_map() for the local APIC.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include "abi/hyperv_synic.h"
#include "clock/features.h"
#include "hyperv_crash.h"
#include "hyperv_leaf.h"
#include "power_ways.h"
#include <x86/percpu.h>

struct pvi_hyperv pvi_hyperv;

static bool message_waits(void)
{
    const volatile struct hv_message_page *page =
        (const volatile struct hv_message_page *)
            pvi.resources.hyperv_message_page;

    for (unsigned i = 0; page && i < HV_SYNIC_SINT_COUNT; i++) {
        if (page->sint_message[i].message_type != HVMSG_NONE)
            return true;
    }
    return false;
}

/*
 * Whether an interrupt was for the embedder's drivers. Where their vector is
 * the deadline's too, messages are looked for; who has an event page, which
 * takes long to search, or another CPU's pages, is told to look there.
 */
static unsigned event(const struct pvops_cpu *cpu, unsigned vector)
{
    if (vector != cpu->event_vector)
        return 0;
    if (vector == cpu->deadline_vector && cpu->index == 0 &&
        !pvi.resources.hyperv_event_page && !message_waits())
        return 0;
    return PVOPS_ARRIVED_EVENT;
}

PVOPS_OP_CALL static void set_deadline(uint64_t at_ns)
{
    struct pvops_cpu *cpu = pvi_this_cpu();

    if (pvi_hyperv_cpu(cpu)->timer == PVI_HYPERV_TIMER_NONE) {
        pvi_native_time_set_deadline(at_ns);
        return;
    }
    pvi_common(cpu)->deadline_ns = at_ns;
    pvi_hyperv_stimer_set(cpu, at_ns);
}

PVOPS_OP_CALL static void cancel_deadline(void)
{
    struct pvops_cpu *cpu = pvi_this_cpu();

    if (pvi_hyperv_cpu(cpu)->timer == PVI_HYPERV_TIMER_NONE) {
        pvi_native_time_cancel_deadline();
        return;
    }
    pvi_common(cpu)->deadline_ns = PVI_NO_DEADLINE;
    pvi_hyperv_stimer_stop(cpu);
}

static unsigned deadline(struct pvops_cpu *cpu)
{
    struct pvi_common *c = pvi_common(cpu);

    if (pvi_hyperv_cpu(cpu)->timer == PVI_HYPERV_TIMER_NONE)
        return pvi_lapic_deadline();
    if (c->deadline_ns == PVI_NO_DEADLINE)
        return 0;
    if (pvops_time_table.now_ns() < c->deadline_ns) {
        pvi_hyperv_stimer_set(cpu, c->deadline_ns);
        return 0;
    }
    c->deadline_ns = PVI_NO_DEADLINE;
    return PVOPS_ARRIVED_DEADLINE;
}

PVOPS_OP_CALL static unsigned arrived(unsigned vector)
{
    struct pvops_cpu *cpu = pvi_this_cpu();

    if (pvi_lapic_spurious(vector))
        return 0;
    if (pvi_hyperv_cpu(cpu)->timer == PVI_HYPERV_TIMER_MESSAGE)
        pvi_hyperv_stimer_take(cpu);
    pvi_hyperv_eoi(cpu);
    return pvi_smp_vector(vector) | deadline(cpu) | event(cpu, vector);
}

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_HYPERV] != 0;
}

/*
 * What is told of a bit that is not there, whether or not the library uses it
 * yet. What the synthetic timers lack is told in their own line.
 */
enum { EAX = 0, EDX = 32, HINTS = 64, EBX = 96 };
#define MISSING(X)                                                             \
    X(EAX + HV_MSR_VP_RUNTIME_AVAILABLE_BIT,                                   \
      "VP_RUNTIME: run time is not told")                                      \
    X(EAX + HV_MSR_TIME_REF_COUNT_AVAILABLE_BIT,                               \
      "TIME_REF_COUNT: clock by the TSC")                                      \
    X(EAX + HV_MSR_APIC_ACCESS_AVAILABLE_BIT, "APIC_ACCESS: EOI by the APIC")  \
    X(EAX + HV_MSR_HYPERCALL_AVAILABLE_BIT, "HYPERCALL: no hypercalls")        \
    X(EAX + HV_MSR_VP_INDEX_AVAILABLE_BIT,                                     \
      "VP_INDEX: a CPU's number is not told")                                  \
    X(EAX + HV_MSR_RESET_AVAILABLE_BIT, "RESET: reset by ACPI or ports")       \
    X(EAX + HV_MSR_REFERENCE_TSC_AVAILABLE_BIT,                                \
      "REFERENCE_TSC: clock by the counter or the TSC")                        \
    X(EAX + HV_MSR_GUEST_IDLE_AVAILABLE_BIT,                                   \
      "GUEST_IDLE: a wait for a lock does not sleep")                          \
    X(EAX + HV_ACCESS_FREQUENCY_MSRS_BIT,                                      \
      "ACCESS_FREQUENCY_MSRS: frequencies by other sources")                   \
    X(EAX + HV_ACCESS_REENLIGHTENMENT_BIT,                                     \
      "REENLIGHTENMENT: a new TSC frequency is not told")                      \
    X(EDX + HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE_BIT,                          \
      "XMM_INPUT: operands of hypercalls in memory")                           \
    X(EDX + HV_FREQUENCY_MSRS_AVAILABLE_BIT,                                   \
      "FREQUENCY_MSRS: frequencies by other sources")                          \
    X(EDX + HV_GUEST_CRASH_MSR_AVAILABLE_BIT,                                  \
      "GUEST_CRASH_MSR: a crash is a reset")                                   \
    X(HINTS + HV_REMOTE_TLB_FLUSH_RECOMMENDED_BIT,                             \
      "REMOTE_TLB_FLUSH: flush by IPI")                                        \
    X(HINTS + HV_RELAXED_TIMING_RECOMMENDED_BIT,                               \
      "RELAXED_TIMING: interrupts are as late as elsewhere")                   \
    X(HINTS + HV_CLUSTER_IPI_RECOMMENDED_BIT, "CLUSTER_IPI: IPIs by the APIC") \
    X(HINTS + HV_EX_PROCESSOR_MASKS_RECOMMENDED_BIT,                           \
      "EX_PROCESSOR_MASKS: VP 64 and up by the APIC")                          \
    X(EBX + HV_START_VIRTUAL_PROCESSOR_BIT, "START_VP: CPUs by INIT and SIPI")

static void log_missing(const struct x86_cpuid *features,
                        const struct x86_cpuid *hints)
{
    static const uint8_t known[] = { MISSING(PVI_MISSING_BIT) };
    const uint32_t words[] = { features->eax, features->edx, hints->eax,
                               features->ebx };

    pvi_log_missing("hyperv", words, known, sizeof(known),
                    MISSING(PVI_MISSING_TEXT));
    if (hints->ebx == 0 || hints->ebx == HV_SPINLOCK_NEVER_NOTIFY)
        pvi_log(PVOPS_LOG_INFO,
                "hyperv: no SPINLOCK_RETRIES: a wait for a lock spins");
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    struct x86_cpuid features = pvi_hyperv_leaf(&pvi.info, HV_CPUID_FEATURES);
    struct x86_cpuid hints =
        pvi_hyperv_leaf(&pvi.info, HV_CPUID_RECOMMENDATIONS);

    (void)options;
    /* 0 without the interface Hv#1, which the clock does not ask for. */
    pvi.info.features[PVI_HYPERV_EAX] = features.eax;
    pvi.info.features[PVI_HYPERV_EDX] = features.edx;
    log_missing(&features, &hints);
    if (features.edx & HV_GUEST_CRASH_MSR_AVAILABLE)
        pvi_power_crash_hook = pvi_hyperv_crash;
    pvi_hyperv.hints = hints.eax;
    pvi_hyperv.ebx = features.ebx;
    pvi_hyperv.retries = hints.ebx == HV_SPINLOCK_NEVER_NOTIFY ? 0 : hints.ebx;
    pvi_hyperv.has_apic_msrs = features.eax & HV_MSR_APIC_ACCESS_AVAILABLE;
    pvi_hyperv.apic_by_msr =
        pvi_hyperv.has_apic_msrs && (hints.eax & HV_APIC_ACCESS_RECOMMENDED);
    pvops_time_table.set_deadline = set_deadline;
    pvops_time_table.cancel_deadline = cancel_deadline;
    pvops_time_table.arrived = arrived;
    pvi_hyperv_ipi_install();
    pvi_hyperv_flush_install();
    pvi_hyperv_lock_install();
    return PVOPS_OK;
}

/* A timer whose interrupts can be acknowledged, or lapic.c's. */
static enum pvops_status timer_setup(struct pvops_cpu *cpu,
                                     const struct pvops_cpu_options *options)
{
    if (options->own_timer || !pvi_hyperv_stimer_setup(cpu))
        return pvi_lapic_cpu_setup(cpu, options);
    if (!pvi_lapic_enable(cpu))
        pvi_hyperv.apic_by_msr = pvi_hyperv.has_apic_msrs;
    if (pvi_common(cpu)->lapic_enabled || pvi_hyperv.apic_by_msr) {
        pvi_common(cpu)->deadline_ns = PVI_NO_DEADLINE;
        return PVOPS_OK;
    }
    pvi_hyperv_stimer_teardown(cpu);
    pvi_log(PVOPS_LOG_ERROR, "hyperv: no local APIC to acknowledge its timer");
    return PVOPS_E_UNSUPPORTED;
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    enum pvops_status status = PVOPS_OK;

    x86_clear(cpu->private_, sizeof(cpu->private_));
    pvi_hyperv_cpu(cpu)->given_sint = pvi.resources.hyperv_timer_sint;
    if (cpu->index == 0)
        status = pvi_hyperv_hypercall_setup(cpu);
    if (status == PVOPS_OK)
        status = timer_setup(cpu, options);
    if (status != PVOPS_OK) {
        pvi_hyperv_hypercall_teardown(cpu);
        return status;
    }
    pvi_hyperv_vp_setup(cpu);
    pvi_hyperv_apic_setup(cpu);
    return PVOPS_OK;
}

static void cpu_teardown(struct pvops_cpu *cpu)
{
    pvi_hyperv_apic_teardown(cpu);
    pvi_hyperv_stimer_teardown(cpu);
    pvi_lapic_cpu_teardown(cpu);
    pvi_hyperv_hypercall_teardown(cpu);
}

const struct pvi_backend pvi_backend_hyperv = {
    .name = "hyperv",
    .detect = detect,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
    .start = pvi_hyperv_start,
    .send = pvi_hyperv_send,
};
