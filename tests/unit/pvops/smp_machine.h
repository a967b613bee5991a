/* SPDX-License-Identifier: MIT */
/*
 * A machine of several CPUs with the library set up on each.
 */
#ifndef SMP_MACHINE_H
#define SMP_MACHINE_H

#include "fake_cpus.h"
#include "internal.h"

enum { SMP_FLUSH = 0x5a };

extern struct pvops_cpu smp_cpus[FAKE_CPUS];

/* CPU 'cpu' has vectors of its own, so that nobody's is taken for another's. */
static inline unsigned smp_vector(unsigned cpu, unsigned ipi)
{
    return 0x60 + 0x10 * cpu + ipi;
}

static inline uint32_t smp_id(unsigned cpu)
{
    return fake_cpus.cpus[cpu].apic_id;
}

/* Power on with 'count' CPUs; nothing of the library was called. */
void smp_reset(unsigned count, bool x2apic);

/* pvops_setup(), and CPUs 0 to 'count' - 1 set up, interrupts on; 0 runs. */
void smp_setup(unsigned count);

/* CPU 'cpu' from its segment base to pvops_cpu_setup(); it runs then. */
enum pvops_status smp_cpu_setup(unsigned cpu);

/* Both. */
void smp_start(unsigned count, bool x2apic);

#endif /* SMP_MACHINE_H */
