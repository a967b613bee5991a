/* SPDX-License-Identifier: MIT */
/*
 * ROMs for tests: a sound one of either API, to be damaged. Also what the
 * fuzzer's seeds are made of. Their code runs: Init succeeds, and every
 * relocation is NONE.
 */
#ifndef ROM_IMAGE_H
#define ROM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmi_image.h"

enum {
    ROM_IMAGE_BYTES = 0x2000,
    ROM_PCI = 0x20,
    ROM_PNP = 0x40,
    ROM_LICENCE = 0x100,
    ROM_MANUFACTURER = 0x110,
    ROM_PRODUCT = 0x120,
    ROM_PLATFORM = 0x130,
    ROM_INIT = 0x140,
    ROM_RELOCATION = 0x150,
    ROM_CHECKSUM = 0x1ff, /* a byte that is nothing else */
};

struct rom_image {
    uint8_t bytes[ROM_IMAGE_BYTES];
    size_t length;
    unsigned major;
};

/* After a change: the sum is 0 again. */
static inline void rom_image_seal(struct rom_image *rom)
{
    uint8_t sum = 0;

    rom->bytes[ROM_CHECKSUM] = 0;
    for (size_t i = 0; i < rom->length; i++)
        sum = (uint8_t)(sum + rom->bytes[i]);
    rom->bytes[ROM_CHECKSUM] = (uint8_t)-sum;
}

/* A field of a struct that begins at 'at'. */
#define ROM_SET(rom, at, type, field, ...)                                     \
    do {                                                                       \
        __typeof__(((type *)0)->field) value_ = __VA_ARGS__;                   \
                                                                               \
        memcpy((rom)->bytes + (at) + offsetof(type, field), &value_,           \
               sizeof(value_));                                                \
    } while (0)
#define ROM_HEADER(rom, field, ...)                                            \
    ROM_SET(rom, 0, struct vmi_header, field, __VA_ARGS__)
#define ROM_PROFILE(rom, field, ...)                                           \
    ROM_SET(rom, VMI64_HEADER_AT, struct vmi64_header, field, __VA_ARGS__)

/* "jmp to", 5 bytes. */
static inline void rom_image_jump(struct rom_image *rom, size_t at, int32_t to)
{
    int32_t distance = to - (int32_t)(at + 5);

    rom->bytes[at] = 0xe9;
    memcpy(rom->bytes + at + 1, &distance, sizeof(distance));
}

static inline void rom_image_text(struct rom_image *rom, size_t at,
                                  const char *text)
{
    memcpy(rom->bytes + at, text, strlen(text) + 1);
}

/* A sound one: of VMI 3.0, or of the profile if 'major' is 64. */
static inline void rom_image_make(struct rom_image *rom, unsigned major)
{
    static const uint8_t zero[] = { 0x31, 0xc0, 0x31, 0xd2, 0xc3 };
    const struct vmi_pci pci = {
        .signature = { 'P', 'C', 'I', 'R' },
        .vendor = VMI_VENDOR,
        .device = VMI_DEVICE,
        .bytes = sizeof(pci),
        .rom_minor = 2,
        .rom_major = 1,
        .indicator = 0x80,
    };
    const struct vmi_pnp pnp = {
        .signature = { '$', 'P', 'n', 'P' },
        .revision = 1,
        .length = sizeof(pnp) / 16,
        .manufacturer = ROM_MANUFACTURER,
        .product = ROM_PRODUCT,
    };

    memset(rom, 0, sizeof(*rom));
    rom->major = major;
    rom->length = major == VMI64_API_MAJOR ? 0x1000 : 0x600;
    ROM_HEADER(rom, rom_signature, VMI_ROM_SIGNATURE);
    ROM_HEADER(rom, blocks, (uint8_t)(rom->length / VMI_BLOCK_BYTES));
    rom->bytes[offsetof(struct vmi_header, stub)] = 0xcb; /* far return */
    ROM_HEADER(rom, vmi_signature, VMI_SIGNATURE);
    ROM_HEADER(rom, api_major, (uint8_t)major);
    ROM_HEADER(rom, licence, ROM_LICENCE);
    ROM_HEADER(rom, pci, ROM_PCI);
    ROM_HEADER(rom, pnp, ROM_PNP);
    memcpy(rom->bytes + ROM_PCI, &pci, sizeof(pci));
    memcpy(rom->bytes + ROM_PNP, &pnp, sizeof(pnp));
    rom_image_jump(rom, offsetof(struct vmi_header, init), ROM_INIT);
    rom_image_jump(rom, offsetof(struct vmi_header, get_relocation),
                   ROM_RELOCATION);
    memcpy(rom->bytes + ROM_INIT, zero, sizeof(zero));
    memcpy(rom->bytes + ROM_RELOCATION, zero, sizeof(zero));
    rom_image_text(rom, ROM_LICENCE, "GPL");
    rom_image_text(rom, ROM_MANUFACTURER, "maker");
    rom_image_text(rom, ROM_PRODUCT, "product");
    if (major == VMI64_API_MAJOR) {
        ROM_PROFILE(rom, state_bytes, 0x2000);
        ROM_PROFILE(rom, cpu_bytes, 0x400);
        ROM_PROFILE(rom, cpu_offset, 0x40);
        ROM_PROFILE(rom, cpu_segment, 'g');
        ROM_PROFILE(rom, flags, VMI64_WHOLE);
        ROM_PROFILE(rom, platform, ROM_PLATFORM);
        rom_image_text(rom, ROM_PLATFORM, "kvm");
    }
    rom_image_seal(rom);
}

#endif /* ROM_IMAGE_H */
