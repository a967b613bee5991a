/* SPDX-License-Identifier: MIT */
/*
 * A reset without any description of the machine: keyboard controller, port
 * 0xcf9, triple fault.
 */
#include "power_ways.h"
#include "abi/pc_reset.h"

#include <x86/insn.h>
#include <x86/system.h>

#define I8042_LOOKS 10000u
#define WAIT_MS     100u

static void i8042_reset(void)
{
    for (unsigned i = 0; i < I8042_LOOKS; i++) {
        uint8_t status = x86_inb(I8042_STATUS);

        if (status == I8042_NO_DEVICE)
            return;
        if (!(status & I8042_STATUS_FULL))
            break;
    }
    x86_outb(I8042_COMMAND, I8042_PULSE_RESET);
    pvi_power_wait_ms(WAIT_MS);
}

static void chipset_reset(void)
{
    x86_outb(RESET_CONTROL, RESET_CONTROL_SYS);
    x86_outb(RESET_CONTROL, RESET_CONTROL_SYS | RESET_CONTROL_NOW);
    pvi_power_wait_ms(WAIT_MS);
}

/* An exception without any handler, in a processor that has no other. */
static void triple_fault(void)
{
    static const struct x86_descriptor_table empty;

    x86_lidt(&empty);
    x86_ud2();
}

void pvi_power_pc_reset(void)
{
    i8042_reset();
    chipset_reset();
    triple_fault();
}
