/* SPDX-License-Identifier: MIT */
/*
 * The machine's CPUs.
 */
#ifndef SHIM_DOMAIN_SMP_H
#define SHIM_DOMAIN_SMP_H

#include <stdint.h>

/* How many there are by ACPI's MADT, at most VCPUS_MOST. */
unsigned smp_find(uint64_t rsdp);

/* What ACPI calls it. */
uint32_t smp_acpi_id(unsigned id);

/* Call 'go' on the stack of CPU 0's area. */
__attribute__((noreturn)) void smp_enter(unsigned id, void (*go)(void));

/* Let the others come, to wait until the guest says that they are up. */
void smp_start_others(void);

#endif /* SHIM_DOMAIN_SMP_H */
