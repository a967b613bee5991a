/* SPDX-License-Identifier: MIT */
/*
 * Seeds for acpi_fuzz: a PC's tables, with and without the fields that change
 * how they are read.
 */
#include "../unit/pvops/acpi_image.h"

#include "seed_file.h"

static void save(const char *folder, const char *name, uint8_t how,
                 const struct acpi_image *image)
{
    seed_file_write(folder, name, &how, 1, image->bytes, image->used);
}

int main(int argc, char **argv)
{
    /* Ends in the middle of its second number. */
    static const uint8_t cut[] = { AML_NAME, '_',         'S',      '5',
                                   '_',      AML_PACKAGE, 6,        4,
                                   AML_BYTE, 5,           AML_DWORD };
    struct acpi_image image;

    if (argc != 2)
        return 1;
    acpi_image_pc(&image);
    save(argv[1], "pc", 1, &image);
    save(argv[1], "pc-told", 3, &image);
    save(argv[1], "pc-sums", 0, &image);

    ACPI_IMAGE_SET(&image, image.rsdp, struct acpi_rsdp, revision, 0);
    save(argv[1], "rsdt", 1, &image);

    acpi_image_pc(&image);
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, flags,
                   ACPI_FADT_HW_REDUCED | ACPI_FADT_RESET);
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, sleep_control_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfed00000));
    save(argv[1], "reduced", 1, &image);

    acpi_image_pc(&image);
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, x_pm1a_cnt_blk,
                   acpi_image_gas(ACPI_SPACE_IO, 0x1804));
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, x_dsdt,
                   ACPI_IMAGE_AT + image.ssdt);
    save(argv[1], "wide", 1, &image);

    acpi_image_pc(&image);
    ACPI_IMAGE_SET(
        &image, image.fadt, struct acpi_fadt, dsdt,
        (uint32_t)(ACPI_IMAGE_AT +
                   acpi_image_code(&image, "DSDT", cut, sizeof(cut))));
    save(argv[1], "cut", 1, &image);
    return 0;
}
