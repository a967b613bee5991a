/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables from an enemy: whatever lies in memory, the parser ends, reads
 * nothing that was not mapped, and keeps what acpi.h promises of its result.
 *
 * Sums are put right first where a table can be seen, or no input but the
 * seeds would come far.
 *
 * Tried: the bounds of 'length' left out of open_table(), or out of
 * aml_enter_package(), are found within 50,000 runs.
 */
#include "../unit/pvops/acpi_image.h"

#include "acpi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct acpi_image image;
static unsigned maps;

static void require(bool held)
{
    if (!held)
        abort();
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    require(how == PVOPS_MAP_MEMORY);
    require(bytes > 0 && bytes <= 16u << 20);
    /* RSDP, root, and for each of 256 tables header, whole, DSDT twice. */
    require(++maps <= 2 + 4 + 2 + 256 * 4);
    return acpi_map_copy(image.bytes, sizeof(image.bytes),
                         BIOS_AREA + BIOS_AREA_BYTES, paddr, bytes);
}

static void check_register(struct pvi_acpi_register reg)
{
    require(reg.space <= ACPI_SPACE_PCI);
    require(reg.space != ACPI_SPACE_IO || reg.address <= UINT16_MAX);
}

static void check(const struct pvi_acpi *acpi)
{
    check_register(acpi->pm1a_event);
    check_register(acpi->pm1b_event);
    check_register(acpi->pm1a_control);
    check_register(acpi->pm1b_control);
    check_register(acpi->sleep_control);
    check_register(acpi->sleep_status);
    check_register(acpi->reset);
    require(acpi->s5_a <= ACPI_SLP_TYP_MAX && acpi->s5_b <= ACPI_SLP_TYP_MAX);
    require(!acpi->hw_reduced || !acpi->pm1a_control.address);
}

static void put_sums_right(void)
{
    static const char *const signatures[] = { "DSDT", "SSDT", "FACP", "HPET",
                                              "APIC", "XSDT", "RSDT" };

    for (size_t at = 0; at + sizeof(struct acpi_table) <= sizeof(image.bytes);
         at += 16) {
        for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]);
             i++) {
            if (!memcmp(image.bytes + at, signatures[i], 4))
                acpi_image_seal(&image, at);
        }
    }
    for (image.rsdp = 0;
         image.rsdp + sizeof(struct acpi_rsdp) <= sizeof(image.bytes);
         image.rsdp += ACPI_RSDP_STEP) {
        if (!memcmp(image.bytes + image.rsdp, ACPI_RSDP_SIGNATURE, 8))
            acpi_image_seal_rsdp(&image);
    }
}

static const uint8_t *window(uint64_t frame)
{
    static uint8_t page[4096];
    const void *copy =
        acpi_map_copy(image.bytes, sizeof(image.bytes),
                      BIOS_AREA + BIOS_AREA_BYTES, frame * 4096, sizeof(page));

    if (copy)
        memcpy(page, copy, sizeof(page));
    acpi_maps_free();
    return copy ? page : NULL;
}

/* A table by its signature: all of what is said to be there can be read. */
static void check_find(pvops_paddr rsdp)
{
    struct pvi_acpi_table table;
    uint8_t sum = 0;

    if (!pvi_acpi_find(rsdp, "SSDT", &table))
        return;
    for (size_t i = 0; i < table.length; i++)
        sum = (uint8_t)(sum + table.bytes[i]);
    if (sum)
        abort();
}

/*
 * The first byte: whether sums are put right, who says where the RSDP is, and
 * whether memory is mapped or seen through a window.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pvi_acpi acpi;

    if (!size)
        return 0;
    memset(image.bytes, 0, sizeof(image.bytes));
    memcpy(image.bytes, data + 1,
           size - 1 < sizeof(image.bytes) ? size - 1 : sizeof(image.bytes));
    if (data[0] & 1)
        put_sums_right();
    maps = 0;
    pvi_acpi_read(data[0] & 2 ? ACPI_IMAGE_AT + 0x20 : 0,
                  data[0] & 4 ? window : NULL, &acpi);
    check(&acpi);
    acpi_maps_free();
    maps = 0;
    check_find(data[0] & 2 ? ACPI_IMAGE_AT + 0x20 : 0);
    acpi_maps_free();
    return 0;
}
