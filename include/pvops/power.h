/* SPDX-License-Identifier: MIT */
/*
 * Power off, reset, and the report of a crash, the platform's own way.
 *
 * Tier guest. Works before pvops_setup() and by itself, and drags in no other
 * chapter. Of the host functions it needs pvops_host_map() alone.
 *
 *                off                       reset              crash
 *   Xen domU     hypercall                 hypercall          hypercall
 *   Xen dom0     ACPI's S5, by hypercall   hypercall          hypercall
 *                or by its ports
 *   VM           ACPI's S5; else a reset   see below          see below
 *   bare metal   ACPI's S5                 see below          see below
 *
 * A reset is ACPI's reset register, then the keyboard controller, port 0xcf9,
 * a triple fault. A virtual machine without ACPI (microvm, Firecracker) ends
 * by it; a real one would begin again, and is halted instead. A crash is first
 * reported to the hypervisor if the backend knows how (Hyper-V), then a reset.
 *
 * \_S5 is read from the DSDT, but no method of its byte code is run (\_PTS).
 */
#ifndef PVOPS_POWER_H
#define PVOPS_POWER_H

#include <pvops/clock.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * Find the platform's ways: Xen, and ACPI's tables by the RSDP at physical
 * 'rsdp' (0: searched for in the BIOS's places, which on a machine with UEFI
 * finds nothing: the loader knows it). Without this call the functions below
 * use what needs no finding: the keyboard controller, port 0xcf9, a triple
 * fault; in ring 3, which only Xen PV enters a kernel in, Xen.
 *
 * Tables that are not sound are left out. May be called again. In a Xen PV
 * dom0 the RSDP and the tables lie at machine addresses: Xen maps 'page' to
 * them in turn, 4096 bytes of yours that are mapped where 'page' is. NULL, or
 * one that is not aligned: such a dom0 finds no tables.
 *
 * Owns:    'page', in a Xen PV dom0, for good: it shows a table from then on,
 *          and the page that was there is out of reach. Elsewhere not touched.
 * Host:    pvops_host_map(), for the header and then for the whole of each
 *          table, but not in a Xen PV dom0; and for registers that are not
 *          ports.
 * Context: after pvops_probe(); boot CPU, interrupts off.
 */
void pvops_power_setup(const struct pvops_info *info, pvops_paddr rsdp,
                       void *page);

/*
 * Off, reset, and stop because of a crash. Each tries every way that there is,
 * some for up to a second, and halts if none worked. Write what the console
 * shall show before, and pvops_console_drain().
 *
 * Context: any; turns interrupts off.
 */
PVOPS_NORETURN void pvops_power_off(void);
/* See pvops_power_off(). */
PVOPS_NORETURN void pvops_power_reset(void);
/* See pvops_power_off(). */
PVOPS_NORETURN void pvops_power_crash(void);

/* What ACPI says; 0 if it does not. */
struct pvops_power_acpi {
    uint16_t pm_timer_port; /* X_PM_TMR_BLK or PM_TMR_BLK */
    pvops_paddr hpet;       /* its registers */
    pvops_paddr madt;       /* whole table, signature "APIC", sum checked */
};

/*
 * For pvops_probe_options: where the probe found no frequency without, probe
 * again with these. All 0 before pvops_power_setup(), and the port in a Xen PV
 * domain, which may not read it.
 */
void pvops_power_find_acpi(struct pvops_power_acpi *out_acpi);

PVOPS_END_DECLS

#endif /* PVOPS_POWER_H */
