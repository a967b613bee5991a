/* SPDX-License-Identifier: MIT */
/*
 * A PC's ports for a reset, and for PCI's configuration space. Facts only.
 *
 * Source: IBM PC AT Technical Reference (1984), keyboard controller commands;
 *         Intel 82371SB (PIIX3) data sheet, 2.5.3 "Reset Control Register";
 *         PCI Local Bus Specification 3.0, 3.2.2.3.2.
 */
#ifndef ABI_PC_RESET_H
#define ABI_PC_RESET_H

#define I8042_STATUS          0x64u /* read */
#define I8042_COMMAND         0x64u /* written */
#define I8042_STATUS_FULL_BIT 1     /* it has not taken the last command */
#define I8042_STATUS_FULL     (1u << I8042_STATUS_FULL_BIT)
#define I8042_NO_DEVICE       0xffu
#define I8042_PULSE_RESET     0xfeu

#define RESET_CONTROL 0xcf9u
#define RESET_CONTROL_SYS_BIT                                                  \
    1 /* hard: everything, not the processor alone                             \
       */
#define RESET_CONTROL_SYS     (1u << RESET_CONTROL_SYS_BIT)
#define RESET_CONTROL_NOW_BIT 2 /* its rise from 0 to 1 resets */
#define RESET_CONTROL_NOW     (1u << RESET_CONTROL_NOW_BIT)

#define PCI_CONFIG_ADDRESS        0xcf8u /* 32 bits wide */
#define PCI_CONFIG_DATA           0xcfcu
#define PCI_CONFIG_ENABLE         0x80000000u
#define PCI_CONFIG_DEVICE_SHIFT   11
#define PCI_CONFIG_FUNCTION_SHIFT 8

#endif /* ABI_PC_RESET_H */
