/* SPDX-License-Identifier: MIT */
/*
 * Interprocessor interrupts under Hyper-V: one hypercall for all whose vector
 * is the same, else the ICR, by MSR if that is recommended.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include <x86/insn.h>
#include <x86/percpu.h>

static const char ipis[] = "IPIs";

/* Operands in registers. */
static bool send_plain(uint64_t mask, unsigned vector)
{
    return pvi_hyperv_called(
        pvi_hyperv_call(HVCALL_SEND_IPI | HV_HYPERCALL_FAST, vector, mask),
        ipis, HV_CLUSTER_IPI_RECOMMENDED);
}

static bool send_sparse(const struct pvops_cpus *cpus, unsigned vector)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(pvi_this_cpu());
    struct hv_send_ipi_ex *operands = (struct hv_send_ipi_ex *)h->operands;
    uintptr_t flags;
    uint64_t result = 0;
    unsigned banks;

    if (!operands)
        return false;
    /* A handler may send, too. */
    flags = pvops_irq_table.save_flags();
    pvops_irq_table.disable();
    operands->vector = vector;
    operands->vtl = 0;
    banks = pvi_hyperv_vp_set(cpus, &operands->processors);
    if (banks)
        result = pvi_hyperv_call(
            HVCALL_SEND_IPI_EX | (uint64_t)banks << HV_HYPERCALL_VARHEAD_SHIFT,
            h->operands_paddr, 0);
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
    return banks && pvi_hyperv_called(result, "IPIs to VPs from 64 on",
                                      HV_EX_PROCESSOR_MASKS_RECOMMENDED);
}

/* False: it was not sent. */
static bool send_to_set(const struct pvops_cpus *cpus, unsigned vector)
{
    uint64_t mask;

    if (!pvi_hyperv_has_vps() ||
        !(pvi_hyperv.hints & HV_CLUSTER_IPI_RECOMMENDED))
        return false;
    if (pvi_hyperv_vp_mask(cpus, &mask))
        return !mask || send_plain(mask, vector);
    return (pvi_hyperv.hints & HV_EX_PROCESSOR_MASKS_RECOMMENDED) &&
           send_sparse(cpus, vector);
}

/* The ICR's format of an x2APIC is not that of the MSR. */
static void send_by_apic(uint32_t apic_id, unsigned vector)
{
    const struct pvi_common *c = pvi_common(pvi_this_cpu());

    if (!c->lapic_x2apic && pvi_hyperv.apic_by_msr)
        x86_wrmsr(HV_X64_MSR_ICR,
                  (uint64_t)apic_id << HV_ICR_DESTINATION_SHIFT | vector);
    else
        pvi_lapic_send(apic_id, vector);
}

void pvi_hyperv_send(struct pvops_cpu *target, unsigned vector)
{
    struct pvops_cpus one = { { 0 } };

    pvops_cpus_add(&one, target->index);
    if (!send_to_set(&one, vector))
        send_by_apic(pvi_smp(target)->apic_id, vector);
}

/* Who gave no vector is native.c's to complain of. */
PVOPS_OP_CALL static void send_ipi(unsigned index, unsigned ipi)
{
    struct pvops_cpu *target = pvi_cpu_at(index);

    if (!target || !pvi_smp(target)->ipi_vectors[ipi])
        pvi_native_smp_send_ipi(index, ipi);
    else
        pvi_hyperv_send(target, pvi_smp(target)->ipi_vectors[ipi]);
}

static unsigned vector_of(unsigned index, unsigned ipi)
{
    struct pvops_cpu *cpu = pvi_cpu_at(index);

    return cpu ? pvi_smp(cpu)->ipi_vectors[ipi] : 0;
}

/* Of 'left' those that have the first one's vector, which is returned. */
static unsigned same_vector(const struct pvops_cpus *left, unsigned ipi,
                            struct pvops_cpus *out_same)
{
    unsigned vector = 0;

    *out_same = (struct pvops_cpus){ { 0 } };
    for (unsigned i = 0; pvi_smp_next(left, &i); i++) {
        if (!vector)
            vector = vector_of(i, ipi);
        if (vector && vector_of(i, ipi) == vector)
            pvops_cpus_add(out_same, i);
    }
    return vector;
}

PVOPS_OP_CALL static void send_ipis(const struct pvops_cpus *cpus, unsigned ipi)
{
    struct pvops_cpus left = pvi_smp_named(cpus), same;
    unsigned vector;

    while ((vector = same_vector(&left, ipi, &same)) != 0 &&
           send_to_set(&same, vector)) {
        for (unsigned i = 0; i < PVOPS_MAX_CPUS / PVOPS_CPUS_BITS; i++)
            left.words[i] &= ~same.words[i];
    }
    pvi_native_smp_send_ipis(&left, ipi);
}

void pvi_hyperv_ipi_install(void)
{
    pvops_smp_table.send_ipi = send_ipi;
    pvops_smp_table.send_ipis = send_ipis;
}
