/* SPDX-License-Identifier: MIT */
/*
 * Which way off, to a reset, or to the report of a crash this platform has.
 *
 * Everything that has to be looked for is looked for in pvops_power_setup():
 * the others may be called from a handler of a fatal exception.
 */
#include <pvops/mmu.h>
#include <pvops/power.h>

#include "acpi.h"
#include "power_ways.h"
#include "tsc.h"
#include "abi/acpi.h"
#include "abi/x86_gate.h"
#include "abi/xen_platform.h"
#include "x86/xen_hypercall.h"

#include <x86/insn.h>
#include <x86/system.h>

/* Of PAUSE, where there is no TSC. */
#define PAUSES_PER_MS 10000u

#define PAGE_BYTES 4096u

static struct {
    bool ready; /* pvops_power_setup() was called */
    bool pv;    /* ring 3 under Xen: no port without IOPL, no HLT */
    bool xen;
    bool dom0;
    bool virtual;
    uint64_t tsc_hz; /* 0: not known */
    void *page;      /* the caller's, or NULL */
    struct pvi_acpi acpi;
} power;

void pvi_power_wait_ms(uint32_t ms)
{
    uint64_t hz = power.tsc_hz ? power.tsc_hz : PVI_TSC_HZ_UNKNOWN;
    uint64_t ticks = x86_div(hz, 1000, NULL) * ms;
    uint64_t since;

    if (pvi_has_tsc()) {
        since = x86_rdtsc();
        while (x86_rdtsc() - since < ticks)
            x86_pause();
    } else {
        for (uint32_t i = 0; i < ms * PAUSES_PER_MS; i++)
            x86_pause();
    }
}

#ifdef __x86_64__

/*
 * A dom0 under Xen PV maps machine memory by its page tables alone, for which
 * there is no op yet, perhaps, and no room. But this page has an entry in them,
 * wherever it is. What it shows last it keeps: as a device's page does, by
 * PVOPS_PTE_MACHINE, it reads as what it is.
 */
static const uint8_t *show_machine(uint64_t frame)
{
    uint64_t entry =
        frame << 12 | X86_PTE_PRESENT | X86_PTE_ACCESSED | PVOPS_PTE_MACHINE;

    if (!power.page || (uintptr_t)power.page % PAGE_BYTES ||
        xen_update_va_mapping((uintptr_t)power.page, entry) < 0)
        return NULL;
    return power.page;
}

#else
#define show_machine NULL /* PV domains are of 64 bits */
#endif

void pvops_power_setup(const struct pvops_info *info, pvops_paddr rsdp,
                       void *page)
{
    bool domain;

    power.ready = true;
    power.pv = info->entry == PVOPS_ENTRY_XEN_PV;
    power.xen = pvi_xen_find(info);
    power.dom0 = power.xen && xen_features() & 1u << XENFEAT_dom0;
    power.virtual = info->hypervisor != PVOPS_HYPERVISOR_NONE;
    power.tsc_hz = info->tsc_hz;
    power.page = page;

    /* A PV domU sees no firmware; a PVH one only what its loader names. */
    domain = power.pv || (power.xen && info->entry == PVOPS_ENTRY_PVH);
    power.acpi = (struct pvi_acpi){ .found = false };
    if (rsdp ? !power.pv || power.dom0 : !domain || power.dom0)
        pvi_acpi_read(rsdp, power.pv ? show_machine : NULL, &power.acpi);
    pvi_power_acpi_setup(&power.acpi);
}

void pvops_power_find_acpi(struct pvops_power_acpi *out_acpi)
{
    out_acpi->pm_timer_port = power.pv ? 0 : power.acpi.pm_timer_port;
    out_acpi->hpet = power.acpi.hpet;
    out_acpi->madt = power.acpi.madt;
}

/* Interrupts off. Who was not set up learns here whether it is a PV domain. */
static void begin(void)
{
    struct pvops_info pv;

    if (!power.ready && x86_read_cs() & 3) {
        x86_clear(&pv, sizeof(pv));
        pv.entry = PVOPS_ENTRY_XEN_PV;
        power.pv = true;
        power.xen = pvi_xen_find(&pv);
        power.dom0 = power.xen && xen_features() & 1u << XENFEAT_dom0;
    }
    if (!power.pv)
        x86_cli();
}

PVOPS_NORETURN static void halt(void)
{
    for (;;) {
        if (power.pv)
            (void)xen_yield();
        else
            x86_hlt();
    }
}

/*
 * The machine is dom0's, but Xen has to leave it first. Only S5's constants
 * are needed, which Xen cannot read: it runs no byte code either.
 */
static void xen_enter_s5(void)
{
    const struct pvi_acpi *acpi = &power.acpi;
    struct xen_platform_op op;
    struct xenpf_enter_acpi_sleep *sleep = &op.u.enter_acpi_sleep;

    if (!acpi->s5)
        return;
    x86_clear(&op, sizeof(op));
    op.cmd = XENPF_enter_acpi_sleep;
    op.interface_version = XENPF_INTERFACE_VERSION;
    sleep->sleep_state = XENPF_ACPI_S5;
    if (acpi->hw_reduced) {
        sleep->flags = XENPF_ACPI_SLEEP_EXTENDED;
        sleep->val_a = acpi->s5_a;
        sleep->val_b = acpi->s5_b;
    } else {
        sleep->val_a = (uint16_t)(ACPI_PM1_CONTROL_SCI | ACPI_PM1_CONTROL_EN |
                                  acpi->s5_a << ACPI_PM1_CONTROL_TYP_SHIFT);
        sleep->val_b = (uint16_t)(ACPI_PM1_CONTROL_SCI | ACPI_PM1_CONTROL_EN |
                                  acpi->s5_b << ACPI_PM1_CONTROL_TYP_SHIFT);
    }
    (void)pvi_xen_call(__HYPERVISOR_platform_op, (uintptr_t)&op, 0, 0, 0);
}

/* Port I/O, which a PV domain must ask for. */
static bool ports_allowed(void)
{
    if (!power.pv)
        return true;
#ifdef __x86_64__
    return power.dom0 && xen_set_iopl(1) >= 0;
#else
    return false;
#endif
}

/* Xen's SHUTDOWN_poweroff of a dom0 halts the machine: better than nothing. */
void pvops_power_off(void)
{
    begin();
    if (power.xen && !power.dom0)
        (void)xen_shutdown(SHUTDOWN_poweroff);
    if (power.dom0)
        xen_enter_s5();
    if (ports_allowed())
        pvi_power_acpi_off();
    if (power.xen)
        (void)xen_shutdown(SHUTDOWN_poweroff);
    if (power.virtual && !power.pv)
        pvi_power_pc_reset();
    halt();
}

static void reset(void)
{
    if (!ports_allowed())
        return;
    pvi_power_acpi_reset();
    if (!power.pv)
        pvi_power_pc_reset();
}

void pvops_power_reset(void)
{
    begin();
    if (power.xen)
        (void)xen_shutdown(SHUTDOWN_reboot);
    reset();
    halt();
}

void pvops_power_crash(void)
{
    begin();
    if (power.xen)
        (void)xen_shutdown(SHUTDOWN_crash);
    if (pvi_power_crash_hook)
        pvi_power_crash_hook((uintptr_t)__builtin_return_address(0));
    reset();
    halt();
}
