/* SPDX-License-Identifier: MIT */
/*
 * Xen's HVM and PVH domains: a fully virtualised CPU, with Xen's events and
 * timer if it has them to give.
 *
 * Detects:  Xen's CPUID leaves, and that hypercalls are answered.
 * Installs: time: wall, stolen, deadlines by VIRQ_TIMER; smp and lock.
 * Leaves:   everything else native; the local APIC's timer is used for
 *           deadlines, and it for IPIs, if events, or the timer, are not to be
 *           had.
 * Host:     pvops_host_paddr() of the page for shared_info;
 *           pvops_host_map() for the local APIC.
 */
#include "xen.h"

#include "abi/xen_hvm.h"
#include "x86/xen_hypercall.h"

enum { PAGE_BYTES = 4096 };

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_XEN] && pvi_xen_find(info);
}

/*
 * Have shared_info replace the page that is kept for it. The width of its
 * words is that of the mode in which HVM_PARAM_CALLBACK_IRQ was written last.
 */
static void map_shared_info(void)
{
    void *page = pvi_page(PVI_PAGE_SHARED);
    long result;

    if (!page) {
        pvi_log(PVOPS_LOG_INFO,
                "xen_hvm: no page for shared_info: no events, no wall clock");
        return;
    }
    if (!pvi_xen.upcall_yours)
        (void)xen_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, 0);
    result = xen_hvm_map_shared_info(
        (unsigned long)(pvops_host_paddr(page) / PAGE_BYTES));
    if (result < 0) {
        pvi_log(PVOPS_LOG_INFO,
                "xen_hvm: shared_info is refused (-%u): no events, no wall "
                "clock",
                pvi_xen_errno(result));
        return;
    }
    pvi_xen.shared = page;
    pvi.resources.xen_shared_info = page;
}

static const char events[] = "shared_info is mapped";
static const char no_events[] = "shared_info is not mapped";

const struct pvi_op pvi_ops_xen_hvm[] = {
    PVI_OP(lock, release, pvi_paravirt_lock_release, events),
    PVI_OP(lock, release, pvi_native_lock_release, no_events),
    PVI_OPS_END,
};

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    (void)options;
    pvi_xen_setup();
    /* A second mapping would take shared_info from whoever has the upcall. */
    if (!pvi_xen.shared && pvi_xen.upcall_yours) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_hvm: xen_upcall is yours, xen_shared_info is not given");
        return PVOPS_E_INVALID;
    }
    if (!pvi_xen.shared)
        map_shared_info();

    pvops_time_table.wall_ns = pvi_xen_time_wall_ns;
    pvops_time_table.stolen_ns = pvi_xen_time_stolen_ns;
    pvops_time_table.set_deadline = pvi_xen_time_set_deadline;
    pvops_time_table.cancel_deadline = pvi_xen_time_cancel_deadline;
    pvops_time_table.arrived = pvi_xen_time_arrived;
    pvi_xen_smp_setup();
    pvi_xen_hvm_smp_setup();
    pvi_install(pvi_ops_xen_hvm, pvi_xen.shared ? events : no_events);
    return PVOPS_OK;
}

/*
 * Events at the CPU's event vector: by its local APIC, or, with the same
 * vector on every CPU, without it.
 */
static bool upcall_setup(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    long result = -XEN_ENOSYS;

    x->upcall = true;
    x->upcall_eoi = false;
    if (pvi_xen.upcall_yours)
        return true;

    if (pvi_common(cpu)->lapic_enabled || pvi_lapic_enable(cpu)) {
        result = xen_hvm_upcall_vector(cpu->index, cpu->event_vector);
        if (result >= 0) {
            x->upcall_eoi = true;
            return true;
        }
    }
    if (pvi_xen.features & (1u << XENFEAT_hvm_callback_vector)) {
        pvi_log(PVOPS_LOG_INFO,
                "xen_hvm: no upcall by the local APIC (-%u): by "
                "HVM_PARAM_CALLBACK_IRQ",
                pvi_xen_errno(result));
        result = xen_hvm_set_param(HVM_PARAM_CALLBACK_IRQ,
                                   (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR
                                           << HVM_PARAM_CALLBACK_TYPE_SHIFT |
                                       cpu->event_vector);
        if (result >= 0)
            return true;
    }
    pvi_log(PVOPS_LOG_INFO, "xen_hvm: no upcall at a vector (-%u): no events",
            pvi_xen_errno(result));
    x->upcall = false;
    return false;
}

/* Xen knows no way to take back the vector of upcalls by the local APIC. */
static void upcall_teardown(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (pvi_xen.upcall_yours || !x->upcall)
        return;
    if (!x->upcall_eoi && cpu->index == 0)
        (void)xen_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, 0);
    x->upcall = false;
    x->upcall_eoi = false;
}

static enum pvops_status events_setup(struct pvops_cpu *cpu)
{
    enum pvops_status status;

    if (!pvi_xen.shared)
        return PVOPS_E_UNSUPPORTED;
    status = pvi_xen_vcpu_info_setup(
        cpu, pvops_host_paddr(cpu->xen_vcpu_info) / PAGE_BYTES, false);
    if (status != PVOPS_OK)
        return status;
    if (!upcall_setup(cpu))
        return PVOPS_E_UNSUPPORTED;
    if (cpu->index == 0)
        pvi.resources.xen_upcall = true;
    return PVOPS_OK;
}

/*
 * The timer first: without one nothing may have changed, and an upcall is for
 * good. Xen's is of no use if there are no events then.
 */
static enum pvops_status
timer_and_events_setup(struct pvops_cpu *cpu,
                       const struct pvops_cpu_options *options)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    bool timer = false;
    enum pvops_status status;

    pvi_xen_cpu_clear(cpu);
    if (pvi_xen.shared && !cpu->own_timer)
        timer = pvi_xen_timer_setup(cpu);
    if (!timer) {
        status = pvi_lapic_cpu_setup(cpu, options);
        if (status != PVOPS_OK)
            return status;
    }
    pvi_xen_stolen_setup(cpu);

    status = events_setup(cpu);
    if (status != PVOPS_OK && timer)
        pvi_xen_timer_teardown(cpu);
    if (status == PVOPS_E_REFUSED) {
        pvi_lapic_cpu_teardown(cpu);
        return status;
    }
    if (status != PVOPS_OK && timer) {
        /* From the beginning, so that teardown leaves it as it was found. */
        pvi_lapic_cpu_teardown(cpu);
        return pvi_lapic_cpu_setup(cpu, options);
    }
    if (timer)
        pvi_log(PVOPS_LOG_INFO, "xen_hvm: deadlines by VIRQ_TIMER, port %u%s",
                x->timer_port, x->upcall_eoi ? ", through the local APIC" : "");
    return PVOPS_OK;
}

/* What is no event comes by the local APIC. */
static void ipis_setup(struct pvops_cpu *cpu)
{
    const struct pvi_smp *smp = pvi_smp(cpu);
    bool apic = smp->flush_vector != 0;

    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        apic |= smp->ipi_vectors[i] != 0;
    if (apic && !pvi_common(cpu)->lapic_enabled)
        (void)pvi_lapic_enable(cpu);
    pvi_xen_smp_cpu_setup(cpu,
                          pvi_xen_cpu(cpu)->upcall && !pvi_xen.upcall_yours);
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    enum pvops_status status = timer_and_events_setup(cpu, options);

    if (status == PVOPS_OK)
        ipis_setup(cpu);
    return status;
}

static void cpu_teardown(struct pvops_cpu *cpu)
{
    pvi_xen_smp_cpu_teardown(cpu);
    pvi_xen_timer_teardown(cpu);
    upcall_teardown(cpu);
    if (cpu->index == 0 && !pvi_xen.upcall_yours)
        pvi.resources.xen_upcall = false;
    pvi_lapic_cpu_teardown(cpu);
}

const struct pvi_backend pvi_backend_xen_hvm = {
    .name = "xen_hvm",
    .detect = detect,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
    .start = pvi_xen_hvm_start,
};
