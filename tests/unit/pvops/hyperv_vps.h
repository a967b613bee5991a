/* SPDX-License-Identifier: MIT */
/*
 * The kernel of hyperv_machine.h on several virtual processors.
 */
#ifndef HYPERV_VPS_H
#define HYPERV_VPS_H

#include "hyperv_machine.h"

enum {
    VPS = FAKE_VPS,
    FLUSH_VECTOR = 0x50,
    IPI_VECTOR = 0x60, /* of IPI 0; 1 has the next */
};

/* Their VP indexes: as ours, in another order, and beyond what a mask has. */
extern const uint32_t vps_as_ours[VPS], vps_in_disorder[VPS], vps_sparse[VPS];

extern uint8_t vps_pages[VPS][PVOPS_CPU_PAGES][4096];

/* CPU 'number' runs now. */
void vps_be(unsigned number);
struct pvops_cpu *vps_cpu(unsigned number);

/*
 * machine_reset(), and an x2APIC by which the generic IPIs arrive at the
 * model's VPs; then set-up up to all VPS CPUs. CPU 0 runs.
 */
void vps_reset(uint32_t eax, uint32_t edx, uint32_t hints,
               const uint32_t *indexes);
void vps_start(void);
/* Part of it: interrupts are a flag, as this process may not execute CLI. */
void vps_irq_ops(void);
/* All but CPU 0 torn down, each VP's MSRs as before its set-up; then CPU 0. */
void vps_stop(void);

/* For fake_hyperv.at_raise: who is asked for a flush answers at once. */
bool vps_answer(unsigned number, unsigned vector);

/* What each VP's interrupts say that wait, by CPU; then none is left. */
void vps_take(unsigned out_arrived[VPS]);

#endif /* HYPERV_VPS_H */
