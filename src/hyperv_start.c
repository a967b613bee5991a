/* SPDX-License-Identifier: MIT */
/*
 * A further CPU by hypercall: it begins in 64-bit mode, in its address space
 * and on its stack. One that was started before, and is parked, needs INIT.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include "abi/x86.h"
#include "x86/start.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

#ifdef __x86_64__
/* Of a descriptor: type, S, DPL, P; L, D, G. */
enum {
    CODE_64 = 0xa09b,
    DATA = 0xc093,
    TSS_BUSY = 0x8b,
    LDT = 0x82,
    TSS_LIMIT = 0x67,
    OUTPUT_AT = 2048, /* in the page of operands */
};
/* Intel SDM volume 3, 12.12.4: the PAT after reset. */
#define PAT_AT_RESET UINT64_C(0x0007040600070406)

static const struct hv_segment data = { 0, UINT32_MAX, START_DS, DATA };

/* There is no register to give it but a base: that of the per-CPU segment. */
static PVOPS_NORETURN void begin(void)
{
    pvi_smp_begin_flat((unsigned)x86_rdmsr(
        X86_PERCPU_SEGMENT_IS_GS ? MSR_GS_BASE : MSR_FS_BASE));
}

/* False: the hypervisor knows no such APIC id. */
static bool find_vp(const struct pvi_hyperv_cpu *h, uint32_t apic_id,
                    uint32_t *out_vp)
{
    struct hv_get_vp_index *in = (struct hv_get_vp_index *)h->operands;
    uint64_t result;

    *in = (struct hv_get_vp_index){ .partition = HV_PARTITION_ID_SELF,
                                    .apic_id = { apic_id } };
    result = pvi_hyperv_call(HVCALL_GET_VP_INDEX_FROM_APIC_ID |
                                 UINT64_C(1) << HV_HYPERCALL_REPS_SHIFT,
                             h->operands_paddr, h->operands_paddr + OUTPUT_AT);
    *out_vp = *(uint32_t *)(void *)((uint8_t *)h->operands + OUTPUT_AT);
    return !(result & HV_STATUS_MASK);
}

static uint64_t start_vp(const struct pvi_hyperv_cpu *h,
                         const struct pvops_start *start, uint32_t vp)
{
    struct hv_start_vp *in = (struct hv_start_vp *)h->operands;

    x86_clear(in, sizeof(*in));
    in->partition = HV_PARTITION_ID_SELF;
    in->vp = vp;
    in->context.rip = (uintptr_t)begin;
    in->context.rsp = start->stack - sizeof(uintptr_t);
    in->context.rflags = 2; /* the bit that is always 1 */
    in->context.cs = (struct hv_segment){ 0, UINT32_MAX, START_CS, CODE_64 };
    in->context.ds = data;
    in->context.es = data;
    in->context.fs = data;
    in->context.gs = data;
    in->context.ss = data;
    if (X86_PERCPU_SEGMENT_IS_GS)
        in->context.gs.base = pvi.start_ticket;
    else
        in->context.fs.base = pvi.start_ticket;
    in->context.tr = (struct hv_segment){ 0, TSS_LIMIT, 0, TSS_BUSY };
    in->context.ldtr = (struct hv_segment){ 0, 0, 0, LDT };
    in->context.efer = x86_rdmsr(MSR_EFER);
    in->context.cr0 = x86_read_cr0();
    in->context.cr3 = start->root;
    in->context.cr4 = x86_read_cr4();
    in->context.pat = PAT_AT_RESET;
    return pvi_hyperv_call(HVCALL_START_VP, h->operands_paddr, 0) &
           HV_STATUS_MASK;
}

enum pvops_status pvi_hyperv_start(const struct pvops_start *start)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(pvi_this_cpu());
    uintptr_t flags;
    uint64_t status;
    uint32_t vp;
    bool found;

    /* What is wrong with it is smp_sipi.c's to say. */
    if (!(pvi_hyperv.ebx & HV_START_VIRTUAL_PROCESSOR) || !h->operands ||
        !pvi_hyperv_can_call() || !pvi_smp_apic_id_valid(start))
        return PVOPS_E_UNSUPPORTED;
    flags = pvops_irq_table.save_flags();
    pvops_irq_table.disable();
    found = find_vp(h, start->apic_id, &vp);
    status = found ? start_vp(h, start, vp) : HV_STATUS_INVALID_VP_STATE;
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
    if (!status)
        return PVOPS_OK;
    if (status != HV_STATUS_INVALID_VP_STATE)
        pvi_log(PVOPS_LOG_INFO,
                "hyperv: start of CPU %u: status 0x%x: by INIT and SIPI",
                start->index, (unsigned)status);
    return PVOPS_E_UNSUPPORTED;
}
#else
/* The context that a VP is given is one of 64 bits. */
enum pvops_status pvi_hyperv_start(const struct pvops_start *start)
{
    (void)start;
    return PVOPS_E_UNSUPPORTED;
}
#endif
