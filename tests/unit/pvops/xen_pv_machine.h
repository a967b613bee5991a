/* SPDX-License-Identifier: MIT */
/*
 * A PV domain of the model's Xen, for tests of the backend xen_pv, whose
 * assembly runs as it is, on the real GS. 64 bits only.
 */
#ifndef XEN_PV_MACHINE_H
#define XEN_PV_MACHINE_H

#include <pvops/pvops.h>

#include "xen_model.h"

#include "abi/x86_gate.h"

enum {
    PV_PAGE = 4096,
    PV_LAST = FAKE_XEN_FRAMES - 1, /* the page of pc.cpu */
    PV_CPU_1 = 11,                 /* the frame of pv_cpu_1 */
};

/* The domain's memory but for the last frame, and its IDT. */
extern uint8_t pv_memory[FAKE_XEN_FRAMES][PV_PAGE];
extern struct x86_gate pv_idt[256];

/* VCPU 1's, zeroed, in its frame. */
#define pv_cpu_1 ((struct pvops_cpu *)(void *)pv_memory[PV_CPU_1])

static inline pvops_pte *pv_table(unsigned frame)
{
    return (pvops_pte *)(void *)pv_memory[frame];
}

/* For fake_tlb_reset(): an entry of a table of the domain's. */
uint64_t pv_read_entry(uint64_t table, unsigned level, unsigned index);

/* What entry 'page' of the builder's table of level 1 maps. */
uintptr_t pv_va(unsigned page);

void pv_gate(unsigned vector, uintptr_t to, unsigned type);

/* The handler of events that pv_start() names. */
void pv_stub(void);

/* pc_reset(), in a domain that was just begun. */
void pv_machine(void);

/* VCPU 'index' runs on from here: model, fake_percpu and GS. */
void pv_run_vcpu(unsigned index, struct pvops_cpu *cpu);

/* pc_setup(), an IDT with a gate for events, the boot CPU's set-up. */
void pv_start(void);

#endif /* XEN_PV_MACHINE_H */
