/* SPDX-License-Identifier: MIT */
/*
 * The end of an interrupt under Hyper-V: by MSR, and by none where the assist
 * page says that it is not required. AutoEOI, which is deprecated, is used
 * nowhere.
 */
#include "hyperv.h"

#include "abi/cpuid.h"
#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include <x86/insn.h>

/* The bit goes with the interrupt that it was set for, hence one instruction */
void pvi_hyperv_eoi(struct pvops_cpu *cpu)
{
    struct hv_vp_assist_page *assist = pvi_hyperv_cpu(cpu)->assist;

    if (assist && x86_test_and_clear_0(&assist->apic_assist))
        return;
    if (pvi_hyperv.apic_by_msr)
        x86_wrmsr(HV_X64_MSR_EOI, 0);
    else
        pvi_lapic_eoi();
}

/* Somebody's page that is enabled stays; then every EOI is required here. */
static void assist_setup(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    void *page = pvi_cpu_page(cpu, PVI_CPU_PAGE_ASSIST);
    uint64_t value;

    if (!page || !pvi_hyperv.apic_by_msr)
        return;
    h->found_assist = x86_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE);
    if (h->found_assist & HV_VP_ASSIST_ENABLE)
        return;
    x86_clear(page, 4096);
    value = pvops_host_paddr(page) | (h->found_assist & HV_VP_ASSIST_RESERVED) |
            HV_VP_ASSIST_ENABLE;
    x86_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, value);
    if (x86_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE) != value) {
        pvi_log(PVOPS_LOG_ERROR, "hyperv: refused the assist page of CPU %u",
                cpu->index);
        x86_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, h->found_assist);
        return;
    }
    h->assist = (struct hv_vp_assist_page *)page;
}

void pvi_hyperv_apic_setup(struct pvops_cpu *cpu)
{
    /* IPIs by MSR need no mapping of the APIC, but its number. */
    if (!pvi_common(cpu)->lapic_enabled && x86_has_cpuid())
        pvi_smp(cpu)->apic_id = x86_cpuid(CPUID_FEATURES, 0).ebx >> 24;
    assist_setup(cpu);
}

void pvi_hyperv_apic_teardown(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);

    if (h->assist)
        x86_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, h->found_assist);
    h->assist = NULL;
}
