/* SPDX-License-Identifier: MIT */
/*
 * Power: each platform ends by its own way; a way that does not work is left
 * in time for the next; nothing is touched that the platform does not have.
 * Xen's domains are in power_xen_test.c.
 *
 * Tried: each of these alone, left out of the library, fails a test here:
 * x86_cli(); the order of the calls in each; enter_acpi_mode(); the write of
 * WAK; the mask of old type bits; PM1b; hw_reduced in both places; the reset
 * flag's PCI space; the hook; I8042_NO_DEVICE; the rule that bare metal is not
 * reset.
 */
#include "power_machine.h"

#include "cpu.h"

#include "power_ways.h"

#include <x86/system.h>

PVTEST(off_by_acpi, "PM1a and PM1b with their types, WAK cleared, CLI before")
{
    power_begin();
    power_setup();
    EXPECT_END(OFF_PM1, off);
    EXPECT(!fake_system.interrupts);
    EXPECT_EQ(ACPI_PM1_CONTROL_SCI, power_pc.pm1a & 3);
}

PVTEST(acpi_mode, "firmware that still has the registers is asked for them")
{
    power_begin();
    power_setup();
    power_pc.needs_acpi_mode = true;
    power_pc.pm1a = 0;
    EXPECT_END(OFF_PM1, off);
}

PVTEST(off_reduced, "hardware-reduced ACPI: the sleep control register")
{
    power_begin();
    ACPI_IMAGE_SET(&power_image, power_image.fadt, struct acpi_fadt, flags,
                   ACPI_FADT_HW_REDUCED);
    ACPI_IMAGE_SET(&power_image, power_image.fadt, struct acpi_fadt,
                   sleep_control_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000010));
    ACPI_IMAGE_SET(&power_image, power_image.fadt, struct acpi_fadt,
                   sleep_status_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000011));
    acpi_image_seal(&power_image, power_image.fadt);
    power_setup();
    EXPECT_END(HALTED, off);
    EXPECT_EQ(ACPI_SLEEP_CONTROL_EN | 5 << 2, power_pc.device[0x10]);
    EXPECT_EQ(ACPI_SLEEP_STATUS_WAK, power_pc.device[0x11]);
    EXPECT_EQ(0, power_pc.device[0x0f] | power_pc.device[0x12]);
}

PVTEST(off_fails, "bare metal halts; a virtual machine ends by a reset")
{
    power_begin();
    power_setup();
    power_pc.no_pm1 = true;
    EXPECT_END(HALTED, off);
    EXPECT(fake_ns() > 900000000 && fake_ns() < 2000000000);

    power_begin();
    power_pc.no_tables = true;
    power_info.hypervisor = PVOPS_HYPERVISOR_KVM;
    power_setup();
    EXPECT_END(RESET_8042, off);

    power_begin();
    power_pc.no_tables = true;
    power_setup();
    EXPECT_END(HALTED, off);
}

PVTEST(no_s5, "tables without \\_S5: PM1 is not touched")
{
    power_begin();
    power_image.bytes[power_image.dsdt]++;
    power_setup();
    power_pc.pm1a = 0x1234;
    EXPECT_END(HALTED, off);
    EXPECT_EQ(0x1234, power_pc.pm1a);
}

PVTEST(reset_ways, "one after the other")
{
    power_begin();
    power_setup();
    EXPECT_END(RESET_ACPI, reset);
    EXPECT(!fake_system.interrupts);
    power_pc.no_acpi_reset = true;
    EXPECT_END(RESET_8042, reset);
    power_pc.no_8042 = true;
    EXPECT_END(RESET_CF9, reset);
    power_pc.no_cf9 = true;
    EXPECT_END(TRIPLE_FAULT, reset);
    EXPECT(fake_ns() < 2000000000);
}

PVTEST(reset_8042,
       "absent: not written to; for ever busy: written to in the end")
{
    power_begin();
    power_pc.absent_8042 = true;
    power_pc.no_acpi_reset = true;
    power_setup();
    EXPECT_END(RESET_CF9, reset);
    EXPECT_EQ(0, power_pc.writes_8042);
    power_pc.absent_8042 = false;
    power_pc.busy_8042 = true;
    EXPECT_END(RESET_8042, reset);
}

PVTEST(reset_pci, "a reset register in PCI's configuration space")
{
    power_begin();
    ACPI_IMAGE_SET(
        &power_image, power_image.fadt, struct acpi_fadt, reset_reg,
        acpi_image_gas(ACPI_SPACE_PCI, UINT64_C(0x1f) << 32 | 3 << 16 | 0x46));
    acpi_image_seal(&power_image, power_image.fadt);
    power_setup();
    EXPECT_END(RESET_ACPI, reset);
    EXPECT_EQ(0x80000000 | 0x1f << 11 | 3 << 8 | 0x44, power_pc.pci_address);
}

PVTEST(reset_memory, "a reset register that is memory")
{
    power_begin();
    ACPI_IMAGE_SET(&power_image, power_image.fadt, struct acpi_fadt, reset_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000020));
    acpi_image_seal(&power_image, power_image.fadt);
    power_setup();
    EXPECT_END(RESET_8042, reset);
    EXPECT_EQ(0x0f, power_pc.device[0x20]);
}

static uintptr_t hooked;

static void hook(uintptr_t where)
{
    hooked = where;
}

PVTEST(crash, "reported by the backend's hook, then a reset")
{
    power_begin();
    power_setup();
    EXPECT_END(RESET_ACPI, crash);
    pvi_power_crash_hook = hook;
    EXPECT_END(RESET_ACPI, crash);
    EXPECT(hooked != 0);
}

PVTEST(found, "what the probe wants to know")
{
    struct pvops_power_acpi acpi;

    power_begin();
    pvops_power_find_acpi(&acpi);
    EXPECT(!acpi.pm_timer_port && !acpi.hpet && !acpi.madt);
    power_setup();
    pvops_power_find_acpi(&acpi);
    EXPECT_EQ(0x608, acpi.pm_timer_port);
    EXPECT_EQ(0xfed00000, acpi.hpet);
    EXPECT_EQ(ACPI_IMAGE_AT + power_image.madt, acpi.madt);
}
