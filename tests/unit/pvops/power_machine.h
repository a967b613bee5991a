/* SPDX-License-Identifier: MIT */
/*
 * A machine for tests of power: ACPI's tables, PM1, reset register, keyboard
 * controller, and how it ended.
 */
#ifndef POWER_MACHINE_H
#define POWER_MACHINE_H

#include <pvops/power.h>

#include "acpi_image.h"
#include "pvtest.h"

enum end {
    STILL_ON = 0,
    OFF_PM1,
    RESET_ACPI,
    RESET_8042,
    RESET_CF9,
    TRIPLE_FAULT,
    HALTED,
    XEN_OFF,
    XEN_REBOOT,
    XEN_CRASH,
    XEN_S5,
};

struct power_machine {
    bool no_pm1, no_acpi_reset, no_8042, no_cf9;
    bool busy_8042, absent_8042, needs_acpi_mode;
    bool no_tables;
    uint16_t pm1a, pm1b, status;
    uint8_t cf9;
    uint32_t pci_address;
    uint8_t device[4096]; /* registers that are memory, at 0xfe000000 */
    unsigned writes_8042;
    unsigned hlts;
};

extern struct power_machine power_pc;
extern struct acpi_image power_image;
/* What pvops_power_setup() is given. */
extern struct pvops_info power_info;
extern uint8_t power_page[4096];

/* Bare metal, switched on; nothing is known of it yet. */
void power_begin(void);

/* pvops_power_setup() with its RSDP. */
void power_setup(void);

/* The machine ends: back to power_after(). */
PVOPS_NORETURN void power_end(enum end how);
enum end power_after(void (*way)(void));

#define EXPECT_END(want, way) EXPECT_EQ(want, power_after(pvops_power_##way))

#endif /* POWER_MACHINE_H */
