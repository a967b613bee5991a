/* SPDX-License-Identifier: MIT */
/*
 * MSRs that the guest reads and writes.
 */
#ifndef SHIM_TRAP_MSR_H
#define SHIM_TRAP_MSR_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* False: a general protection fault. */
bool msr_read(struct vcpu *vcpu, uint32_t msr, uint64_t *out_value);
bool msr_write(struct vcpu *vcpu, uint32_t msr, uint64_t value);

/* An MSR of the machine; false if it faults. */
bool msr_probe(uint32_t msr, uint64_t *out_value);

#endif /* SHIM_TRAP_MSR_H */
