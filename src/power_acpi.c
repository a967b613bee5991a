/* SPDX-License-Identifier: MIT */
/*
 * Sleep state S5 and the reset register, as ACPI's tables describe them.
 *
 * Source: ACPI Specification 6.4, 4.8.3.2 and 16.1.7 (\_S5 by PM1), 4.8.3.6
 *         (reset), 4.8.3.7 (sleep control), 4.8.2.5 (ACPI mode).
 */
#include <pvops/host.h>

#include "acpi.h"
#include "power_ways.h"
#include "abi/acpi.h"
#include "abi/pc_reset.h"

#include <x86/insn.h>

#define OFF_WAIT_MS    1000u
#define RESET_WAIT_MS  100u
#define ENABLE_WAIT_MS 300u

/* A port, or where it is mapped. */
struct reg {
    uint16_t port;
    volatile void *at;
};

static struct {
    struct reg pm1a_event, pm1b_event, pm1a_control, pm1b_control;
    struct reg sleep_control, sleep_status;
    struct reg reset;
    uint32_t reset_pci; /* its PCI_CONFIG_ADDRESS; 0: not there */
    uint8_t reset_value;
    uint8_t enable;
    uint16_t enable_port;
    bool off; /* \_S5 and its registers are known */
    bool hw_reduced;
    uint8_t s5_a, s5_b;
} ways;

static struct reg open_reg(struct pvi_acpi_register from, size_t bytes)
{
    struct reg reg = { 0, NULL };

    if (!from.address)
        return reg;
    if (from.space == ACPI_SPACE_IO)
        reg.port = (uint16_t)from.address;
    else if (from.space == ACPI_SPACE_MEMORY)
        reg.at = pvops_host_map(from.address, bytes, PVOPS_MAP_DEVICE);
    return reg;
}

static bool is_there(const struct reg *reg)
{
    return reg->port || reg->at;
}

static uint16_t read16(const struct reg *reg)
{
    return reg->at ? x86_read16(reg->at) : x86_inw(reg->port);
}

static void write16(const struct reg *reg, uint16_t value)
{
    if (reg->at)
        x86_write16(reg->at, value);
    else if (reg->port)
        x86_outw(reg->port, value);
}

static void write8(const struct reg *reg, uint8_t value)
{
    if (reg->at)
        x86_write8(reg->at, value);
    else if (reg->port)
        x86_outb(reg->port, value);
}

void pvi_power_acpi_setup(const struct pvi_acpi *acpi)
{
    ways.pm1a_event = open_reg(acpi->pm1a_event, 2);
    ways.pm1b_event = open_reg(acpi->pm1b_event, 2);
    ways.pm1a_control = open_reg(acpi->pm1a_control, 2);
    ways.pm1b_control = open_reg(acpi->pm1b_control, 2);
    ways.sleep_control = open_reg(acpi->sleep_control, 1);
    ways.sleep_status = open_reg(acpi->sleep_status, 1);
    ways.enable_port = acpi->enable_port;
    ways.enable = acpi->enable;
    ways.hw_reduced = acpi->hw_reduced;
    ways.s5_a = acpi->s5_a;
    ways.s5_b = acpi->s5_b;
    ways.off = acpi->s5 && is_there(acpi->hw_reduced ? &ways.sleep_control
                                                     : &ways.pm1a_control);

    ways.reset = open_reg(acpi->reset, 1);
    ways.reset_value = acpi->reset_value;
    ways.reset_pci = 0;
    if (acpi->reset.space == ACPI_SPACE_PCI && acpi->reset.address) {
        uint32_t device = (uint32_t)(acpi->reset.address >> 32) & 0x1f;
        uint32_t function = (uint32_t)(acpi->reset.address >> 16) & 7;

        ways.reset_pci = PCI_CONFIG_ENABLE | device << PCI_CONFIG_DEVICE_SHIFT |
                         function << PCI_CONFIG_FUNCTION_SHIFT |
                         ((uint32_t)acpi->reset.address & 0xff);
    }
}

/* Firmware that still has the registers gives them to ACPI. */
static void enter_acpi_mode(void)
{
    if (read16(&ways.pm1a_control) & ACPI_PM1_CONTROL_SCI || !ways.enable_port)
        return;
    x86_outb(ways.enable_port, ways.enable);
    for (unsigned i = 0; i < ENABLE_WAIT_MS; i++) {
        if (read16(&ways.pm1a_control) & ACPI_PM1_CONTROL_SCI)
            return;
        pvi_power_wait_ms(1);
    }
}

/* The type first, then the same with the enable bit: some need both. */
static void sleep_by_pm1(void)
{
    bool b = is_there(&ways.pm1b_control);
    uint16_t value_a, value_b = 0;

    enter_acpi_mode();
    write16(&ways.pm1a_event, ACPI_PM1_STATUS_WAK);
    write16(&ways.pm1b_event, ACPI_PM1_STATUS_WAK);
    value_a = read16(&ways.pm1a_control) &
              (uint16_t) ~(ACPI_PM1_CONTROL_TYP | ACPI_PM1_CONTROL_EN);
    value_a |= (uint16_t)(ways.s5_a << ACPI_PM1_CONTROL_TYP_SHIFT);
    if (b) {
        value_b = read16(&ways.pm1b_control) &
                  (uint16_t) ~(ACPI_PM1_CONTROL_TYP | ACPI_PM1_CONTROL_EN);
        value_b |= (uint16_t)(ways.s5_b << ACPI_PM1_CONTROL_TYP_SHIFT);
    }
    write16(&ways.pm1a_control, value_a);
    if (b)
        write16(&ways.pm1b_control, value_b);
    write16(&ways.pm1a_control, value_a | ACPI_PM1_CONTROL_EN);
    if (b)
        write16(&ways.pm1b_control, value_b | ACPI_PM1_CONTROL_EN);
}

static void sleep_by_sleep_control(void)
{
    uint8_t type = (uint8_t)(ways.s5_a << ACPI_SLEEP_CONTROL_TYP_SHIFT);

    write8(&ways.sleep_status, ACPI_SLEEP_STATUS_WAK);
    write8(&ways.sleep_control, type | ACPI_SLEEP_CONTROL_EN);
}

void pvi_power_acpi_off(void)
{
    if (!ways.off)
        return;
    if (ways.hw_reduced)
        sleep_by_sleep_control();
    else
        sleep_by_pm1();
    pvi_power_wait_ms(OFF_WAIT_MS);
}

/* The register is at any byte of its 32 bits. */
static void reset_by_pci(void)
{
    x86_outl(PCI_CONFIG_ADDRESS, ways.reset_pci & ~3u);
    x86_outb((uint16_t)(PCI_CONFIG_DATA + (ways.reset_pci & 3)),
             ways.reset_value);
}

void pvi_power_acpi_reset(void)
{
    if (ways.reset_pci)
        reset_by_pci();
    else if (is_there(&ways.reset))
        write8(&ways.reset, ways.reset_value);
    else
        return;
    pvi_power_wait_ms(RESET_WAIT_MS);
}
