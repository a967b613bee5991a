/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's virtual processors: the index of each, sets of them, and what each
 * has of its own for hypercalls: a page for operands.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include "clock/features.h"
#include <x86/insn.h>

static bool has_vp_index(void)
{
    return pvi.info.features[PVI_HYPERV_EAX] & HV_MSR_VP_INDEX_AVAILABLE;
}

void pvi_hyperv_vp_setup(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);

    if (has_vp_index())
        pvi_smp(cpu)->hyperv_vp = (uint32_t)x86_rdmsr(HV_X64_MSR_VP_INDEX);
    h->operands = pvi_cpu_page(cpu, PVI_CPU_PAGE_OPERANDS);
    if (h->operands)
        h->operands_paddr = pvops_host_paddr(h->operands);
}

bool pvi_hyperv_has_vps(void)
{
    return pvi_hyperv_can_call() && has_vp_index();
}

/* Of the next of the set that is set up still; false: no more. */
static bool next_vp(const struct pvops_cpus *cpus, unsigned *index,
                    uint32_t *out_vp)
{
    for (; pvi_smp_next(cpus, index); ++*index) {
        struct pvops_cpu *cpu = pvi_cpu_at(*index);

        if (cpu) {
            *out_vp = pvi_smp(cpu)->hyperv_vp;
            return true;
        }
    }
    return false;
}

bool pvi_hyperv_vp_mask(const struct pvops_cpus *cpus, uint64_t *out_mask)
{
    uint32_t vp;

    *out_mask = 0;
    for (unsigned i = 0; next_vp(cpus, &i, &vp); i++) {
        if (vp >= HV_VP_SET_BANK_VPS)
            return false;
        *out_mask |= UINT64_C(1) << vp;
    }
    return true;
}

static unsigned bits_in(uint64_t mask)
{
    unsigned count = 0;

    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

unsigned pvi_hyperv_vp_set(const struct pvops_cpus *cpus,
                           struct hv_vp_set *out_set)
{
    uint64_t banks = 0;
    unsigned count;
    uint32_t vp;

    for (unsigned i = 0; next_vp(cpus, &i, &vp); i++) {
        if (vp >= HV_VP_SET_BANKS * HV_VP_SET_BANK_VPS)
            return 0;
        banks |= UINT64_C(1) << vp / HV_VP_SET_BANK_VPS;
    }
    count = bits_in(banks);
    out_set->format = HV_VP_SET_SPARSE_4K;
    out_set->valid_bank_mask = banks;
    x86_clear(out_set->bank_contents, count * sizeof(uint64_t));
    for (unsigned i = 0; next_vp(cpus, &i, &vp); i++) {
        uint64_t bank = UINT64_C(1) << vp / HV_VP_SET_BANK_VPS;

        /* It was set up since the banks were counted: nobody named it. */
        if (banks & bank)
            out_set->bank_contents[bits_in(banks & (bank - 1))] |=
                UINT64_C(1) << vp % HV_VP_SET_BANK_VPS;
    }
    return count;
}
