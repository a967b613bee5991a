/* SPDX-License-Identifier: MIT */
/*
 * A VMI ROM for the guest: what --rom names, and the files in which it goes in
 * where it is neither an option ROM nor a boot module.
 */
#ifndef LAB_IMAGE_GUEST_ROM_H
#define LAB_IMAGE_GUEST_ROM_H

#include <stdbool.h>

#include "base/dirs.h"

enum guest_rom_way {
    ROM_NONE = 0,
    ROM_OPTION, /* VMI 3.0: an option ROM of the machine */
    ROM_MODULE, /* first member of the archive that is the boot module */
    ROM_ACPI,   /* in an ACPI table */
    ROM_REGION, /* in the machine's firmware, an ACPI table says where */
};

struct guest_rom {
    const char *file; /* NULL: none */
    enum guest_rom_way way;
    unsigned bits; /* of the kernels that it is for: 32 or 64 */
};

/*
 * Take apart "FILE", "acpi:FILE" or "region:FILE" and look at FILE's header.
 * No more is checked than what decides how it goes in: what a kernel does with
 * a damaged ROM can be tried.
 *
 * Errors: false, with a sentence in 'why'. 'out_rom' points into 'text'.
 */
bool guest_rom_open(const char *text, struct guest_rom *out_rom,
                    char why[WHY_BYTES]);

/* FILE of the same text; NULL of NULL. */
const char *guest_rom_file(const char *text);

/* Where a firmware made by guest_rom_firmware() has the image. */
#define GUEST_ROM_REGION 0xfffc0000u

/*
 * Write the whole ACPI table "VMIR" for ROM_ACPI or ROM_REGION to 'path'.
 *
 * Source: ACPI 6.4, 5.2.6 (header); docs/vmi64.md (what follows).
 * Errors: false, with a sentence in 'why'.
 */
bool guest_rom_table(const struct guest_rom *rom, const char *path,
                     char why[WHY_BYTES]);

/*
 * Write to 'path' 256 KiB for QEMU's -bios: the image, FFh, then the SeaBIOS of
 * 128 KiB at 'seabios', which reserves all 256 KiB in its memory map.
 */
bool guest_rom_firmware(const struct guest_rom *rom, const char *seabios,
                        const char *path, char why[WHY_BYTES]);

#endif /* LAB_IMAGE_GUEST_ROM_H */
