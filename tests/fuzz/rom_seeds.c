/* SPDX-License-Identifier: MIT */
/*
 * Seeds for rom_fuzz: a sound ROM of either API, and what its optional parts
 * can be.
 */
#include "../unit/pvops/rom_image.h"

#include "seed_file.h"

static void save(const char *folder, const char *name, struct rom_image *rom)
{
    uint8_t how = (uint8_t)(2 | (rom->major == VMI64_API_MAJOR));

    rom_image_seal(rom);
    seed_file_write(folder, name, &how, 1, rom->bytes, rom->length);
}

int main(int argc, char **argv)
{
    struct rom_image rom;

    if (argc != 2)
        return 1;
    rom_image_make(&rom, 3);
    save(argv[1], "vmi", &rom);
    rom_image_text(&rom, ROM_LICENCE, "GPL v2");
    ROM_HEADER(&rom, virtual_top, 0xfc000000);
    ROM_HEADER(&rom, pnp, 0);
    rom.bytes[3] = 0xeb; /* jmp to 20h */
    rom.bytes[4] = 0x1b;
    save(argv[1], "vmi-bare", &rom);

    rom_image_make(&rom, 64);
    save(argv[1], "vmi64", &rom);
    ROM_PROFILE(&rom, flags, VMI64_WHOLE | VMI64_XEN_PV);
    rom_image_text(&rom, ROM_PLATFORM, "xen_pv");
    save(argv[1], "vmi64-xen", &rom);
    rom_image_make(&rom, 64);
    ROM_PROFILE(&rom, flags, 0);
    ROM_PROFILE(&rom, cpu_bytes, 0);
    ROM_PROFILE(&rom, cpu_offset, 0);
    ROM_PROFILE(&rom, cpu_segment, 0);
    ROM_PROFILE(&rom, platform, 0);
    save(argv[1], "vmi64-partial", &rom);
    return 0;
}
