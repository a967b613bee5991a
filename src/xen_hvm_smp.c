/* SPDX-License-Identifier: MIT */
/*
 * Further VCPUs of an HVM or PVH domain, begun in this CPU's mode without a
 * trampoline; and what they forget.
 *
 * A VCPU is parked by HLT with interrupts off: Xen takes that as VCPUOP_down.
 * One that has run before, hvmloader's too, takes an INIT first: then it can be
 * begun anew.
 *
 * Flushes are one hypercall, whichever VCPUs are meant: it waits for none that
 * does not run, as an interrupt of the library's own would.
 *
 * Source: Xen 4.17 xen/arch/x86/hvm/hvm.c, hvm_hlt(); xen/arch/x86/hvm/
 *         vlapic.c, vlapic_init_sipi_one().
 */
#include "xen.h"

#include "abi/lapic.h"
#include "abi/x86.h"
#include "abi/xen_hvm.h"
#include "x86/xen_hypercall.h"

#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum { RESET_WITHIN_NS = 100000000 };

/* False: no other CPU is meant, or Xen does not do it. */
static bool flush(const struct pvops_cpus *cpus)
{
    struct pvops_cpus others;

    return pvi_smp_others(cpus, &others) && xen_hvm_flush_tlbs() >= 0;
}

PVOPS_OP_CALL static void flush_range(const struct pvops_cpus *cpus,
                                      uintptr_t root, uintptr_t address,
                                      size_t pages)
{
    if (!flush(cpus))
        pvi_native_smp_flush_range(cpus, root, address, pages);
}

PVOPS_OP_CALL static void flush_space(const struct pvops_cpus *cpus,
                                      uintptr_t root)
{
    if (!flush(cpus))
        pvi_native_smp_flush_space(cpus, root);
}

PVOPS_OP_CALL static void flush_all(const struct pvops_cpus *cpus)
{
    if (!flush(cpus))
        pvi_native_smp_flush_all(cpus);
}

void pvi_xen_hvm_smp_setup(void)
{
    long result = xen_hvm_flush_tlbs();

    if (result < 0) {
        pvi_log(PVOPS_LOG_INFO,
                "xen_hvm: no HVMOP_flush_tlbs (-%u): flushes by interrupts",
                pvi_xen_errno(result));
        return;
    }
    pvops_smp_table.flush_range = flush_range;
    pvops_smp_table.flush_space = flush_space;
    pvops_smp_table.flush_all = flush_all;
}

static void fill(struct vcpu_hvm_context *c, const struct pvops_start *start)
{
#ifdef __x86_64__
    struct vcpu_hvm_x86_64 *r = &c->cpu_regs.x86_64;

    *c = (struct vcpu_hvm_context){ .mode = VCPU_HVM_MODE_64B };
    r->rdi = pvi.start_ticket;
    r->rsp = start->stack - sizeof(uintptr_t);
    r->rip = (uintptr_t)pvi_smp_begin;
    r->rflags = X86_RFLAGS_ONE;
    r->efer = x86_rdmsr(MSR_EFER);
#else
    struct vcpu_hvm_x86_32 *r = &c->cpu_regs.x86_32;

    *c = (struct vcpu_hvm_context){ .mode = VCPU_HVM_MODE_32B };
    r->eax = pvi.start_ticket;
    r->esp = start->stack - sizeof(uintptr_t);
    r->eip = (uintptr_t)pvi_smp_begin;
    r->eflags = X86_RFLAGS_ONE;
    r->efer = x86_rdmsr(MSR_EFER);
    r->cs_limit = r->ds_limit = r->ss_limit = r->es_limit = UINT32_MAX;
    r->cs_ar = XEN_HVM_AR_CODE;
    r->ds_ar = r->ss_ar = r->es_ar = XEN_HVM_AR_DATA;
    r->tr_ar = XEN_HVM_AR_TSS;
    r->tr_limit = XEN_HVM_TSS_LIMIT;
#endif
    r->cr0 = x86_read_cr0();
    r->cr3 = start->root;
    r->cr4 = x86_read_cr4();
}

/* INIT takes its time. */
static long initialise_again(const struct pvops_start *start,
                             struct vcpu_hvm_context *c)
{
    uint64_t begin_ns = pvops_time_table.now_ns();
    long result;

    if (!pvi_common(pvi_this_cpu())->lapic_enabled)
        return -XEN_EEXIST;
    pvi_lapic_send(start->apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT);
    do {
        result = xen_initialise(start->index, c);
    } while (result == -XEN_EEXIST &&
             pvops_time_table.now_ns() - begin_ns < RESET_WITHIN_NS);
    return result;
}

enum pvops_status pvi_xen_hvm_start(const struct pvops_start *start)
{
    struct vcpu_hvm_context c;
    long result;

    /* Said by who sends INIT. */
    if (!pvi_smp_apic_id_valid(start))
        return PVOPS_E_UNSUPPORTED;
    pvi_xen.several = true;
    fill(&c, start);
    result = xen_initialise(start->index, &c);
    if (result == -XEN_EEXIST)
        result = initialise_again(start, &c);
    if (result >= 0)
        result = xen_up(start->index);
    if (result >= 0)
        return PVOPS_OK;
    if (result == -XEN_ENOENT) {
        pvi_log(PVOPS_LOG_ERROR, "xen_hvm: this domain has no VCPU %u (-%u)",
                start->index, pvi_xen_errno(result));
        return PVOPS_E_REFUSED;
    }
    pvi_log(PVOPS_LOG_INFO,
            "xen_hvm: VCPU %u cannot be begun by Xen (-%u): by INIT",
            start->index, pvi_xen_errno(result));
    return PVOPS_E_UNSUPPORTED;
}
