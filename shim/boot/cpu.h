/* SPDX-License-Identifier: MIT */
/*
 * A CPU made ready to run a guest.
 */
#ifndef SHIM_BOOT_CPU_H
#define SHIM_BOOT_CPU_H

struct vcpu;

/* The one that this runs on, on the stack of its area. */
void cpu_setup(struct vcpu *vcpu);

#endif /* SHIM_BOOT_CPU_H */
