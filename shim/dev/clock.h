/* SPDX-License-Identifier: MIT */
/*
 * Xen's system time: ns since the shim began, of the TSC, the same on each CPU.
 */
#ifndef SHIM_DEV_CLOCK_H
#define SHIM_DEV_CLOCK_H

#include <stdint.h>

struct pvops_info;
struct vcpu;

/* With the frequencies that 'info' has. */
void clock_setup(const struct pvops_info *info);
uint64_t clock_ns(void);
uint32_t clock_tsc_khz(void);
uint32_t clock_mul(void);
int clock_shift(void);

/* The time area of a VCPU, and the wall clock of the domain. */
void clock_fill(struct vcpu *vcpu);
void clock_fill_wall(void);
void clock_set_wall(uint64_t seconds, uint32_t ns, uint64_t system_ns);

/*
 * VIRQ_TIMER every so many ns from now on; 0: no longer. Of any VCPU; one that
 * is down begins when it is up.
 */
void timer_set_period(struct vcpu *vcpu, uint64_t ns);

/* Set the timer of this CPU for the next of what its VCPU waits for. */
void timer_arm(struct vcpu *vcpu);
/* VECTOR_TIMER, or any other time to look. */
void timer_expire(struct vcpu *vcpu);

#endif /* SHIM_DEV_CLOCK_H */
