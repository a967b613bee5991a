/* SPDX-License-Identifier: MIT */
/*
 * Power off, reset, and the report of a crash, the platform's own way.
 *
 * Tier guest. Works before pvops_setup() and by itself.
 */
#ifndef PVOPS_POWER_H
#define PVOPS_POWER_H

#include <pvops/clock.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * Find the platform's ways: hypercalls of Xen's, ACPI's registers by the RSDP
 * at physical 'rsdp' (0: searched for in the BIOS's places where there is a
 * BIOS). Calls pvops_host_map(). Without this call the functions below use
 * what needs no finding.
 *
 * Context: after pvops_probe(); boot CPU, interrupts off.
 */
void pvops_power_setup(const struct pvops_info *info,
                       const struct pvops_probe_options *options,
                       pvops_paddr rsdp);

/*
 * Off, reset, and stop because of a crash (a domain is reported as crashed, a
 * machine is reset). Each tries every way that is left, within bounds, and
 * halts if none worked.
 *
 * Context: any.
 */
PVOPS_NORETURN void pvops_power_off(void);
PVOPS_NORETURN void pvops_power_reset(void);
PVOPS_NORETURN void pvops_power_crash(void);

/* What ACPI says, for the probe's options; 0 if it does not. */
struct pvops_power_acpi {
    uint16_t pm_timer_port; /* X_PM_TMR_BLK or PM_TMR_BLK */
    pvops_paddr hpet;
    pvops_paddr madt; /* whole table, signature "APIC" */
};
void pvops_power_find_acpi(struct pvops_power_acpi *out_acpi);

PVOPS_END_DECLS

#endif /* PVOPS_POWER_H */
