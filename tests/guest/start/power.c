/* SPDX-License-Identifier: MIT */
/*
 * Every way to end a machine: power off, reset, crash, hang.
 */
#include <pvops/console.h>
#include <pvops/power.h>

#include "insn.h"
#include "start.h"

void guest_hang(void)
{
    if (guest_boot.xen_pv) {
        for (;;)
            xen_block();
    }
    x86_cli();
    for (;;)
        x86_hlt();
}

/* Xen PV: without a trap table Xen ends the domain. */
void guest_fault(void)
{
    if (!guest_boot.xen_pv)
        x86_lidt_empty();
    x86_ud2();
    guest_hang();
}

void guest_reboot(void)
{
    pvops_console_drain();
    pvops_power_reset();
}

void guest_crash(void)
{
    pvops_console_drain();
    pvops_power_crash();
}

void guest_poweroff(void)
{
    pvops_console_drain();
    pvops_power_off();
}
