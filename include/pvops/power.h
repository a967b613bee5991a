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
#include <pvops/status.h>
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

/*
 * Xen PV: let the domain be saved, as its tools asked for by "suspend" in
 * xenstore's control/shutdown, which you acknowledge before. Comes back in the
 * restored domain ('out_restored' true), or in this one because nothing was
 * saved. 'xen_start_info' is what the domain was entered with; the tools write
 * the restored domain's values to it.
 *
 * Restored, the clock goes on from where it was, without the time in between,
 * which the wall clock has; a deadline is kept; the library's vcpu_info, timer
 * and IPIs are set up again. No port of yours is bound any more, and all are
 * masked: bind xenstore's by start_info, as at the entry, and call
 * pvops_console_setup() again.
 * Forget every machine frame number that you read: tables, GDT and the list of
 * frames have new ones, by the tools.
 *
 * No mapping may be left of a frame that is not the domain's
 * (PVOPS_PTE_MACHINE, grants), or the tools fail. The active root maps
 * start_info.mfn_list.
 *
 * Tried on the model Xen of the unit tests alone.
 *
 * Errors:  PVOPS_E_ORDER: before the boot CPU's set-up. PVOPS_E_UNSUPPORTED:
 *          not xen_pv; dom0; there was a second CPU; shared_info, vcpu_info,
 *          upcall or timer are yours. PVOPS_E_INVALID: interrupts on, a batch
 *          is open, or no 'xen_start_info'. PVOPS_E_REFUSED: by Xen.
 * Context: boot CPU, interrupts off. Panics if the restored domain is refused
 *          what it had before.
 */
PVOPS_MUST_CHECK enum pvops_status pvops_power_suspend(void *xen_start_info,
                                                       bool *out_restored);

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
