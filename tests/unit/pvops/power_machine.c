/* SPDX-License-Identifier: MIT */
/*
 * A machine whose ways off and to a reset can fail one by one.
 */
#include "power_machine.h"

#include <pvops/host.h>

#include <setjmp.h>

#include "cpu.h"

#include "power_ways.h"
#include "abi/pc_reset.h"

#include <x86/system.h>
#include <x86/xen_call.h>

struct power_machine power_pc;
struct acpi_image power_image;
struct pvops_info power_info;
uint8_t power_page[4096] __attribute__((aligned(4096)));

static jmp_buf ended;

void power_end(enum end how)
{
    longjmp(ended, (int)how);
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (how == PVOPS_MAP_DEVICE && paddr - 0xfe000000 < sizeof(power_pc.device))
        return power_pc.device + (paddr - 0xfe000000);
    EXPECT(!fake.xen_pv);
    EXPECT_EQ(PVOPS_MAP_MEMORY, how);
    return power_pc.no_tables
               ? NULL
               : acpi_map_copy(power_image.bytes, sizeof(power_image.bytes),
                               0x100000, paddr, bytes);
}

static bool port_in(uint16_t port, unsigned bytes, uint32_t *out_value)
{
    switch (port) {
    case I8042_STATUS:
        *out_value = power_pc.absent_8042 ? 0xff
                     : power_pc.busy_8042 ? I8042_STATUS_FULL
                                          : 0;
        return true;
    case 0x604:
        EXPECT_EQ(2, bytes);
        *out_value = power_pc.pm1a;
        return true;
    case 0x704:
        EXPECT_EQ(2, bytes);
        *out_value = power_pc.pm1b;
        return true;
    default:
        FAIL("port 0x%x is read", port);
    }
}

/* Sleeps once both have the bit, with the types that \_S5 says. */
static void pm1_control(uint16_t *which, uint32_t value)
{
    *which = (uint16_t)value;
    if (power_pc.no_pm1 ||
        (power_pc.needs_acpi_mode && !(power_pc.pm1a & ACPI_PM1_CONTROL_SCI)))
        return;
    if (power_pc.pm1a & power_pc.pm1b & ACPI_PM1_CONTROL_EN &&
        power_pc.pm1a >> ACPI_PM1_CONTROL_TYP_SHIFT == (8 | 5) &&
        power_pc.pm1b >> ACPI_PM1_CONTROL_TYP_SHIFT == (8 | 6) &&
        !(power_pc.status & ACPI_PM1_STATUS_WAK))
        power_end(OFF_PM1);
}

static void reset_control(uint8_t value)
{
    bool rises =
        value & RESET_CONTROL_NOW && !(power_pc.cf9 & RESET_CONTROL_NOW);

    if (value == 0x0f && !power_pc.no_acpi_reset)
        power_end(RESET_ACPI);
    power_pc.cf9 = value;
    if (rises && value & RESET_CONTROL_SYS && value != 0x0f && !power_pc.no_cf9)
        power_end(RESET_CF9);
}

static bool port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    switch (port) {
    case I8042_COMMAND:
        EXPECT_EQ(I8042_PULSE_RESET, value);
        power_pc.writes_8042++;
        if (!power_pc.no_8042 && !power_pc.absent_8042)
            power_end(RESET_8042);
        return true;
    case 0xb2:
        EXPECT_EQ(0xf1, value);
        power_pc.pm1a |= ACPI_PM1_CONTROL_SCI;
        return true;
    case 0x600:
        EXPECT_EQ(2, bytes);
        power_pc.status &= (uint16_t)~value;
        return true;
    case 0x604:
        EXPECT_EQ(2, bytes);
        pm1_control(&power_pc.pm1a, value);
        return true;
    case 0x704:
        EXPECT_EQ(2, bytes);
        pm1_control(&power_pc.pm1b, value);
        return true;
    case RESET_CONTROL:
        EXPECT_EQ(1, bytes);
        reset_control((uint8_t)value);
        return true;
    case PCI_CONFIG_ADDRESS:
        EXPECT_EQ(4, bytes);
        power_pc.pci_address = value;
        return true;
    case PCI_CONFIG_DATA + 2:
        EXPECT_EQ(1, bytes);
        EXPECT_EQ(0x0f, value);
        power_end(RESET_ACPI);
    default:
        FAIL("0x%x is written to port 0x%x", value, port);
    }
}

static void at_hlt(void)
{
    EXPECT(!fake_system.interrupts);
    if (++power_pc.hlts == 3)
        power_end(HALTED);
}

static void at_ud2(void)
{
    EXPECT_EQ(0, fake_system.idt.limit);
    power_end(TRIPLE_FAULT);
}

static void forget(void)
{
    static const struct pvops_info nothing = {
        .entry = PVOPS_ENTRY_OTHER,
    };

    power_pc.no_tables = true;
    pvops_power_setup(&nothing, 0, NULL);
    power_pc.no_tables = false;
}

void power_begin(void)
{
    fake_reset();
    fake_xen = NULL;
    memset(&power_pc, 0, sizeof(power_pc));
    memset(&power_info, 0, sizeof(power_info));
    memset(&fake_system, 0, sizeof(fake_system));
    fake_system.interrupts = true;
    fake_system.idt.limit = 0xfff;
    fake.cheap_ps = 1000000; /* a second's wait is a million turns */
    fake.port_in = port_in;
    fake.port_out = port_out;
    fake.at_hlt = at_hlt;
    fake.at_ud2 = at_ud2;
    power_info.tsc_hz = 2000000000;
    pvi_power_crash_hook = NULL;
    acpi_image_pc(&power_image);
    forget();
    power_pc.pm1a = power_pc.pm1b =
        ACPI_PM1_CONTROL_SCI | 3 << ACPI_PM1_CONTROL_TYP_SHIFT;
    power_pc.status = ACPI_PM1_STATUS_WAK;
}

void power_setup(void)
{
    pvops_power_setup(&power_info, ACPI_IMAGE_AT + power_image.rsdp,
                      power_page);
    acpi_maps_free();
}

enum end power_after(void (*way)(void))
{
    int how = setjmp(ended);

    if (!how)
        way();
    return (enum end)how;
}
