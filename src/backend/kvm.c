/* SPDX-License-Identifier: MIT */
/*
 * KVM: a fully virtualised CPU with a better clock, cheaper EOIs, and help for
 * several CPUs.
 *
 * Detects:  the CPUID signature, at any base (QEMU moves it up by 0x100 when
 *           the guest is shown Hyper-V's leaves too).
 * Installs: time.wall_ns, stolen_ns, arrived; smp.send_ipi, send_ipis,
 *           is_preempted; lock.release, wait, kick (kvm_smp.c); each if its
 *           feature bit is set. The clock itself is clock.c's.
 * Leaves:   everything else native; KVM virtualises it in hardware. An area
 *           for STEAL_TIME or PV_EOI that is enabled already is somebody's.
 * Host:     pvops_host_paddr(), pvops_host_map() for the local APIC.
 */
#include "kvm_cpu.h"

#include "clock/features.h"
#include "pvclock.h"
#include <x86/insn.h>
#include <x86/percpu.h>

enum { NS_PER_S = 1000000000, TRIES = 1000 };

_Static_assert(sizeof(struct pvi_kvm_cpu) <=
                   sizeof(((struct pvops_cpu *)0)->private_),
               "private_ is too small");

/* As the probe found them: 0 if their leaf is absent. */
static uint32_t features(void)
{
    return pvi.info.features[PVI_KVM_EAX];
}

/* The host may be writing it on another CPU: this one's VCPU can move. */
static uint64_t read_stolen_ns(const struct pvi_kvm_cpu *kvm)
{
    const volatile struct kvm_steal_time *steal = &kvm->steal;
    uint64_t ns;

    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t version = steal->version;

        x86_barrier();
        ns = steal->steal;
        x86_barrier();
        if (!(version & 1) && version == steal->version)
            return ns;
        x86_pause();
    }
    return kvm->stolen_at_start_ns;
}

PVOPS_OP_CALL static uint64_t stolen_ns(void)
{
    const struct pvi_kvm_cpu *kvm = pvi_kvm_cpu(pvi_this_cpu());

    return read_stolen_ns(kvm) - kvm->stolen_at_start_ns;
}

/* The page by which this CPU's clock runs, or NULL if it is no pvclock. */
static const volatile void *clock_page(struct pvops_cpu *cpu)
{
    const struct pvops_clock *clock = &pvi.clock;

    if (!pvi.clock.global && cpu->index != 0)
        clock = &pvi_common(cpu)->clock;
    return clock->kind == PVOPS_CLOCK_PVCLOCK ? clock->page : NULL;
}

/*
 * KVM's system time now, which the wall clock counts from. Where the clock has
 * no page of KVM's, one of ours is KVM's for a moment; then it has again what
 * it had, which may be a page of the embedder's.
 */
static bool system_time_ns(struct pvops_cpu *cpu, uint64_t *out_ns)
{
    uint32_t msr = features() & KVM_FEATURE_CLOCKSOURCE2
                       ? MSR_KVM_SYSTEM_TIME_NEW
                       : MSR_KVM_SYSTEM_TIME;
    const volatile void *page = clock_page(cpu);
    struct pvi_kvm_cpu *kvm = pvi_kvm_cpu(cpu);
    struct pvi_pvclock_now now = { 0 };
    uint64_t found;
    bool ok;

    if (page) {
        ok = pvi_pvclock_read(page, false, &now);
    } else {
        found = x86_rdmsr(msr);
        x86_wrmsr(msr, pvops_host_paddr(&kvm->time) | KVM_MSR_ENABLED);
        ok = pvi_pvclock_read(&kvm->time, false, &now);
        x86_wrmsr(msr, found);
    }
    *out_ns = now.ns;
    return ok && now.mul != 0;
}

/* The host fills the structure before we run again, and then lets go of it. */
PVOPS_OP_CALL static uint64_t wall_ns(void)
{
    uint32_t msr = features() & KVM_FEATURE_CLOCKSOURCE2
                       ? MSR_KVM_WALL_CLOCK_NEW
                       : MSR_KVM_WALL_CLOCK;
    struct pvops_cpu *cpu = pvi_this_cpu();
    volatile struct pvclock_wall_clock *wall = &pvi_kvm_cpu(cpu)->wall;
    uint64_t ns;

    wall->sec = 0;
    x86_wrmsr(msr, pvops_host_paddr((const void *)&pvi_kvm_cpu(cpu)->wall));
    if ((wall->version & 1) || !wall->sec || !system_time_ns(cpu, &ns))
        return pvi_native_time_wall_ns();
    return (uint64_t)wall->sec * NS_PER_S + wall->nsec + ns;
}

PVOPS_OP_CALL static unsigned arrived(unsigned vector)
{
    if (x86_test_and_clear_0(&pvi_kvm_cpu(pvi_this_cpu())->pv_eoi))
        return pvi_smp_vector(vector) | pvi_lapic_deadline();
    return pvi_native_time_arrived(vector);
}

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_KVM] != 0;
}

/* What is told of a bit that is not there, whether the library uses it yet. */
#define MISSING(X)                                                             \
    X(KVM_FEATURE_NOP_IO_DELAY_BIT, "NOP_IO_DELAY: ports have no delay")       \
    X(KVM_FEATURE_ASYNC_PF_BIT, "ASYNC_PF: it waits for a page")               \
    X(KVM_FEATURE_STEAL_TIME_BIT,                                              \
      "STEAL_TIME: stolen time is 0, flush by IPI, nobody yields")             \
    X(KVM_FEATURE_PV_EOI_BIT, "PV_EOI: EOI by the APIC")                       \
    X(KVM_FEATURE_PV_UNHALT_BIT, "PV_UNHALT: a wait for a lock spins")         \
    X(KVM_FEATURE_PV_TLB_FLUSH_BIT, "PV_TLB_FLUSH: flush by IPI")              \
    X(KVM_FEATURE_PV_SEND_IPI_BIT, "PV_SEND_IPI: IPIs by the APIC")            \
    X(KVM_FEATURE_POLL_CONTROL_BIT, "POLL_CONTROL: the host may poll")         \
    X(KVM_FEATURE_PV_SCHED_YIELD_BIT, "PV_SCHED_YIELD: nobody yields")         \
    X(KVM_FEATURE_ASYNC_PF_INT_BIT, "ASYNC_PF_INT: it waits for a page")       \
    X(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT,                                      \
      "CLOCKSOURCE_STABLE_BIT: each CPU its own clock")

static void log_missing(uint32_t bits)
{
    static const uint8_t known[] = { MISSING(PVI_MISSING_BIT) };

    pvi_log_missing("kvm", &bits, known, sizeof(known),
                    MISSING(PVI_MISSING_TEXT));
    if (!(bits & (KVM_FEATURE_CLOCKSOURCE | KVM_FEATURE_CLOCKSOURCE2)))
        pvi_log(PVOPS_LOG_INFO, "kvm: no CLOCKSOURCE: clock by the TSC, wall "
                                "clock by CMOS");
    else if (!(bits & KVM_FEATURE_CLOCKSOURCE2))
        pvi_log(PVOPS_LOG_INFO, "kvm: no CLOCKSOURCE2: clock by CLOCKSOURCE");
    else if (!(bits & KVM_FEATURE_CLOCKSOURCE))
        pvi_log(PVOPS_LOG_INFO, "kvm: no CLOCKSOURCE: clock by CLOCKSOURCE2");
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    uint32_t bits = features();

    (void)options;
    log_missing(bits);
    if (bits & (KVM_FEATURE_CLOCKSOURCE | KVM_FEATURE_CLOCKSOURCE2))
        pvops_time_table.wall_ns = wall_ns;
    if (bits & KVM_FEATURE_STEAL_TIME)
        pvops_time_table.stolen_ns = stolen_ns;
    if (bits & KVM_FEATURE_PV_EOI)
        pvops_time_table.arrived = arrived;
    /* That leaf is there if it has a feature. */
    if (bits)
        pvi_kvm_smp_setup(bits, x86_cpuid(pvi.info.base[PVOPS_HYPERVISOR_KVM] +
                                              KVM_CPUID_FEATURES,
                                          0)
                                    .edx);
    return PVOPS_OK;
}

/*
 * Have KVM write to 'area' of this CPU's. False, with a log line, if it writes
 * to one of the kernel's: moving that would break its owner.
 */
static bool enable_area(uint32_t msr, const void *area, const char *name)
{
    uint64_t found = x86_rdmsr(msr);

    if (found & KVM_MSR_ENABLED) {
        pvi_log(PVOPS_LOG_INFO, "kvm: %s is yours at 0x%llx: left alone", name,
                (unsigned long long)(found - KVM_MSR_ENABLED));
        return false;
    }
    x86_wrmsr(msr, pvops_host_paddr(area) | KVM_MSR_ENABLED);
    return true;
}

/*
 * Whether the host polls before it puts this CPU to sleep. The library's HLT
 * comes after no polling of its own, but for a lock's, and so the host's is on,
 * as after a reset: a kernel before this one may have left it off. A kernel
 * with a polling idle loop turns it off after its set-up.
 */
static void enable_poll(struct pvi_kvm_cpu *kvm)
{
    if (x86_rdmsr(MSR_KVM_POLL_CONTROL) & KVM_POLL_ENABLED)
        return;
    x86_wrmsr(MSR_KVM_POLL_CONTROL, KVM_POLL_ENABLED);
    kvm->poll_ours = true;
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    enum pvops_status status = pvi_lapic_cpu_setup(cpu, options);
    struct pvi_kvm_cpu *kvm = pvi_kvm_cpu(cpu);
    uint32_t bits = features();

    if (status != PVOPS_OK)
        return status;
    x86_clear(kvm, sizeof(*kvm));
    if (bits & KVM_FEATURE_STEAL_TIME) {
        kvm->steal_ours =
            enable_area(MSR_KVM_STEAL_TIME, &kvm->steal, "STEAL_TIME");
        kvm->stolen_at_start_ns = read_stolen_ns(kvm);
    }
    if (bits & KVM_FEATURE_PV_EOI)
        kvm->pv_eoi_ours =
            enable_area(MSR_KVM_PV_EOI_EN, &kvm->pv_eoi, "PV_EOI");
    if (bits & KVM_FEATURE_POLL_CONTROL)
        enable_poll(kvm);
    return PVOPS_OK;
}

static void cpu_teardown(struct pvops_cpu *cpu)
{
    struct pvi_kvm_cpu *kvm = pvi_kvm_cpu(cpu);

    if (kvm->steal_ours)
        x86_wrmsr(MSR_KVM_STEAL_TIME, 0);
    if (kvm->pv_eoi_ours)
        x86_wrmsr(MSR_KVM_PV_EOI_EN, 0);
    if (kvm->poll_ours)
        x86_wrmsr(MSR_KVM_POLL_CONTROL, 0);
    kvm->steal_ours = false;
    kvm->pv_eoi_ours = false;
    kvm->poll_ours = false;
    pvi_lapic_cpu_teardown(cpu);
}

const struct pvi_backend pvi_backend_kvm = {
    .name = "kvm",
    .detect = detect,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
    .forgets_later = pvi_kvm_forgets_later,
};
