/* SPDX-License-Identifier: MIT */
/*
 * What the files of power share, and its one hook.
 */
#ifndef PVOPS_POWER_WAYS_H
#define PVOPS_POWER_WAYS_H

#include <pvops/power.h>

struct pvi_acpi;

/*
 * power_hook.c. A backend's report of a crash, called before the reset with an
 * address in the code that crashed; NULL: it has none. Set in its setup().
 */
extern void (*pvi_power_crash_hook)(uintptr_t where);

/* power.c: time for the machine to do what it was told; by the TSC. */
void pvi_power_wait_ms(uint32_t ms);

/* power_acpi.c. Maps registers that are memory: not at the last moment. */
void pvi_power_acpi_setup(const struct pvi_acpi *acpi);
/* Both return if there is no way, or the machine did not obey in time. */
void pvi_power_acpi_off(void);
void pvi_power_acpi_reset(void);

/* power_pc.c: what every PC has, or had. Returns only if nothing worked. */
void pvi_power_pc_reset(void);

#endif /* PVOPS_POWER_WAYS_H */
