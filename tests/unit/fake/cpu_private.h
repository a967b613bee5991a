/* SPDX-License-Identifier: MIT */
/*
 * What the model's files share.
 */
#ifndef FAKE_CPU_PRIVATE_H
#define FAKE_CPU_PRIVATE_H

#include "cpu.h"

/* cpu.c */
void fake_spend(uint64_t ps);
uint64_t fake_ticks(double hz, uint64_t ps);
struct fake_msr *fake_add_msr(uint32_t msr);

/* hypervisors.c: the VCPUOPs of Xen's time areas, whichever Xen it is. */
struct vcpu_register_time_memory_area;
long fake_xen_time_area(unsigned long op, unsigned long id,
                        const struct vcpu_register_time_memory_area *area);

/* ports.c: true if a device of the test's has the port. */
bool fake_port_in(uint16_t port, unsigned bytes, uint32_t *out_value);
bool fake_port_out(uint16_t port, unsigned bytes, uint32_t value);

#endif /* FAKE_CPU_PRIVATE_H */
