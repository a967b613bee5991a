/* SPDX-License-Identifier: MIT */
/*
 * Every way to end a machine: power off, reset, crash, hang.
 *
 * Source: QEMU docs/system/i386/microvm.rst (no power-off there: a triple
 *         fault ends it); the ports are QEMU's PM1a control registers, at
 *         0x604 on pc with SeaBIOS and on q35, at 0xb004 on pc with OVMF and
 *         in a Xen HVM domain.
 */
#include "insn.h"
#include "start.h"

enum {
    PM1A_CONTROL = 0x604,
    PM1A_CONTROL_OTHER = 0xb004,
    SLEEP_ENABLE_S5 = 0x2000,
    KEYBOARD_COMMAND = 0x64,
    KEYBOARD_BUSY = 0x02,
    KEYBOARD_RESET = 0xfe,
    RESET_CONTROL = 0xcf9,
    RESET_HARD = 0x02,
    RESET_NOW = 0x04,
};

/* Half a second or so in which the machine may act on what it was told. */
static void wait_for_machine(void)
{
    uint64_t end = x86_rdtsc() + (UINT64_C(1) << 30);

    while (x86_rdtsc() < end)
        x86_pause();
}

/* A Xen domain that has no PC beneath it. */
static bool pure_xen(void)
{
    return guest_boot.xen_pv ||
           (boot_private.door == DOOR_PVH && xen_present());
}

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

static void reset_ports(void)
{
    for (unsigned i = 0; i < 1000; i++) {
        if (!(x86_inb(KEYBOARD_COMMAND) & KEYBOARD_BUSY))
            break;
    }
    x86_outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
    wait_for_machine();
    x86_outb(RESET_CONTROL, RESET_HARD);
    x86_outb(RESET_CONTROL, RESET_HARD | RESET_NOW);
    wait_for_machine();
}

void guest_reboot(void)
{
    console_drain();
    if (pure_xen())
        xen_shutdown(SHUTDOWN_reboot);
    else
        reset_ports();
    guest_fault();
}

void guest_crash(void)
{
    console_drain();
    if (xen_present())
        xen_shutdown(SHUTDOWN_crash);
    guest_reboot();
}

/*
 * A dom0 must not ask Xen for a power-off: Xen halts for ever and the machine
 * with it ("Hardware Dom0 halted"). It owns the machine's ACPI.
 */
void guest_poweroff(void)
{
    console_drain();
    if (pure_xen() && !boot_private.dom0)
        xen_shutdown(SHUTDOWN_poweroff);
    if (guest_boot.xen_pv && !xen_allow_ports())
        guest_hang();
    x86_outw(PM1A_CONTROL, SLEEP_ENABLE_S5);
    x86_outw(PM1A_CONTROL_OTHER, SLEEP_ENABLE_S5);
    wait_for_machine();
    if (xen_present())
        xen_shutdown(SHUTDOWN_poweroff);
    guest_fault();
}
