/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * VMI's Reboot on a PC.
 */
#include "abi/pc_reset.h"

#include <x86/insn.h>
#include <x86/system.h>

#define I8042_LOOKS 10000u
/* Writes to a port where nothing is; each takes about a microsecond. */
#define PORT_DELAY  0x80u
#define DELAY_LOOPS 100000u

/* VMI's argument; else "soft", which is what the keyboard controller does. */
#define REBOOT_HARD 1u

void native_reboot(uint32_t how);

static void wait(void)
{
    for (unsigned i = 0; i < DELAY_LOOPS; i++)
        x86_outb(PORT_DELAY, 0);
}

void native_reboot(uint32_t how)
{
    static const struct x86_descriptor_table empty;

    if (how == REBOOT_HARD) {
        x86_outb(RESET_CONTROL, RESET_CONTROL_SYS);
        x86_outb(RESET_CONTROL, RESET_CONTROL_SYS | RESET_CONTROL_NOW);
        wait();
    }
    for (unsigned i = 0; i < I8042_LOOKS; i++) {
        if (!(x86_inb(I8042_STATUS) & I8042_STATUS_FULL))
            break;
    }
    x86_outb(I8042_COMMAND, I8042_PULSE_RESET);
    wait();
    /* An exception without a handler, in a processor that has no other. */
    x86_lidt(&empty);
    x86_ud2();
}
