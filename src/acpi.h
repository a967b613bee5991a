/* SPDX-License-Identifier: MIT */
/*
 * What power and clocks need of ACPI's tables; nothing of it is executed.
 */
#ifndef PVOPS_ACPI_H
#define PVOPS_ACPI_H

#include <pvops/config.h>
#include <pvops/host.h>
#include <pvops/types.h>

struct pvi_acpi_register {
    uint8_t space; /* ACPI_SPACE_* */
    uint64_t address;
};

/* All zero: there are no tables. Registers with address 0 are not there. */
struct pvi_acpi {
    bool found; /* a FADT */
    struct pvi_acpi_register pm1a_event, pm1b_event;
    struct pvi_acpi_register pm1a_control, pm1b_control;
    struct pvi_acpi_register sleep_control, sleep_status;
    struct pvi_acpi_register reset;
    uint8_t reset_value;
    uint8_t enable; /* written to 'enable_port' begins ACPI mode */
    uint16_t enable_port;
    uint16_t pm_timer_port;
    bool hw_reduced; /* sleep_control is in the place of PM1 */
    bool s5;         /* \_S5 was found: SLP_TYP for PM1a and PM1b */
    uint8_t s5_a, s5_b;
    pvops_paddr hpet;
    pvops_paddr madt;
};

/* The page of memory 'frame', until the next call; NULL: it is not shown. */
typedef const uint8_t *pvi_acpi_window(uint64_t frame);

/*
 * Read the tables of the RSDP at physical 'rsdp'; 0: searched for in the
 * BIOS's places. Whatever lies there, this ends, reads nothing that was not
 * mapped, and takes nothing from a table whose checksum is wrong.
 *
 * Host: pvops_host_map(), unless a 'window' shows the tables page by page.
 */
void pvi_acpi_read(pvops_paddr rsdp, pvi_acpi_window *window,
                   struct pvi_acpi *out_acpi);

struct pvi_acpi_table {
    pvops_paddr paddr;
    const uint8_t *bytes;
    size_t length; /* 0: its length or its sum is wrong */
};

/*
 * The first table with this signature; false: there is none. 'rsdp' and what is
 * promised as above.
 *
 * Host: pvops_host_map().
 */
bool pvi_acpi_find(pvops_paddr rsdp, const char *signature,
                   struct pvi_acpi_table *out_table);

#endif /* PVOPS_ACPI_H */
