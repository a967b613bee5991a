/* SPDX-License-Identifier: MIT */
/*
 * Each rule about a ROM's bytes, broken alone, is the one that is named; and
 * no byte is read that is not the ROM's.
 *
 * Tried: each line of src/vmi_image.c that calls require() left out, and each
 * of its conditions inverted or shortened by a part: the rule's test fails.
 */
#include "pvtest.h"

#include "rom_image.h"

static struct rom_image rom;
static struct pvi_rom_image seen;

/* In a place of its own, where a byte too many is noticed. */
static uint32_t check_of(size_t most)
{
    static uint8_t *copy;

    free(copy);
    copy = malloc(most ? most : 1);
    memcpy(copy, rom.bytes, most);
    return pvi_rom_check(copy, most, rom.major, &seen);
}

static uint32_t check(void)
{
    rom_image_seal(&rom);
    return check_of(rom.length);
}

/* What 'damage' does to a sound ROM breaks that rule and no other. */
#define BREAKS(api, rule, damage)                                              \
    do {                                                                       \
        rom_image_make(&rom, api);                                             \
        damage;                                                                \
        EXPECT_EQ(1u << (rule), check());                                      \
    } while (0)
#define BREAKS_BOTH(rule, damage)                                              \
    do {                                                                       \
        BREAKS(3, rule, damage);                                               \
        BREAKS(64, rule, damage);                                              \
    } while (0)
#define SOUND(api, change)                                                     \
    do {                                                                       \
        rom_image_make(&rom, api);                                             \
        change;                                                                \
        EXPECT_EQ(0, check());                                                 \
    } while (0)
#define SET_BYTE(at, value) (rom.bytes[at] = (uint8_t)(value))

static void put(size_t at, const char *bytes, size_t count)
{
    memcpy(rom.bytes + at, bytes, count);
}

PVTEST(sound, "both APIs: no rule broken, and all that is there is found")
{
    SOUND(3, );
    EXPECT_EQ(0x600, seen.length);
    EXPECT(seen.header && seen.pci && seen.pnp && !seen.vmi64);
    EXPECT_STR("maker", seen.manufacturer);
    EXPECT_STR("product", seen.product);
    EXPECT_STR("GPL", seen.licence);
    EXPECT(!seen.platform);
    EXPECT_EQ(VMI_VENDOR, seen.pci->vendor);

    SOUND(64, );
    EXPECT_EQ(0x1000, seen.length);
    EXPECT_STR("maker", seen.manufacturer);
    EXPECT_STR("kvm", seen.platform);
    EXPECT_EQ(0x400, seen.vmi64->cpu_bytes);
}

PVTEST(optional, "what may be missing, and whatever minor")
{
    SOUND(3, ROM_HEADER(&rom, pnp, 0));
    EXPECT(!seen.pnp && !seen.manufacturer && !seen.product);
    SOUND(3, ROM_HEADER(&rom, api_minor, 255));
    SOUND(64, ROM_HEADER(&rom, api_minor, 255));
    SOUND(64, ROM_HEADER(&rom, pnp, 0); memset(rom.bytes + ROM_PNP, 0, 32));
    SOUND(64, ROM_HEADER(&rom, pci, 0); memset(rom.bytes + ROM_PCI, 0, 24));
    SOUND(64, ROM_HEADER(&rom, licence, 0));
    EXPECT(!seen.licence);
    SOUND(64, ROM_PROFILE(&rom, platform, 0));
    SOUND(3, put(ROM_LICENCE, "GPL v2", 7));
}

PVTEST(longer, "what lies behind the image is nobody's")
{
    rom_image_make(&rom, 3);
    SET_BYTE(rom.length, 1);
    EXPECT_EQ(0, check_of(rom.length + 1));
}

PVTEST(short_header, "every length below the header's")
{
    rom_image_make(&rom, 3);
    for (size_t most = 0; most < 0x90; most++)
        EXPECT_EQ(1u << PVI_ROM_SHORT, check_of(most));
    EXPECT_EQ(1u << PVI_ROM_LENGTH, check_of(0x90));
    rom_image_make(&rom, 64);
    for (size_t most = 0; most < 0xc0; most++)
        EXPECT_EQ(1u << PVI_ROM_SHORT, check_of(most));
    EXPECT(!seen.header && !seen.vmi64);
    EXPECT_EQ(1u << PVI_ROM_LENGTH, check_of(0xc0));
}

PVTEST(signatures, "55 AA and cVmi, each byte")
{
    BREAKS_BOTH(PVI_ROM_SIGNATURE, SET_BYTE(0, 0x54));
    BREAKS_BOTH(PVI_ROM_SIGNATURE, SET_BYTE(1, 0));
    for (unsigned i = 8; i < 12; i++)
        BREAKS_BOTH(PVI_ROM_VMI_SIGNATURE, SET_BYTE(i, 0x20));
}

PVTEST(version, "the major is what is asked for; 3 is not 64")
{
    BREAKS(3, PVI_ROM_VERSION, ROM_HEADER(&rom, api_major, 13));
    BREAKS(3, PVI_ROM_VERSION, ROM_HEADER(&rom, api_major, 64));
    BREAKS(64, PVI_ROM_VERSION, ROM_HEADER(&rom, api_major, 3));
}

PVTEST(length, "0, and a byte more than is there")
{
    BREAKS_BOTH(PVI_ROM_LENGTH, ROM_HEADER(&rom, blocks, 0));
    BREAKS_BOTH(PVI_ROM_LENGTH, ROM_HEADER(&rom, blocks, 255));
    EXPECT(!seen.pci && !seen.licence && !seen.length);
    rom_image_make(&rom, 3);
    EXPECT_EQ(1u << PVI_ROM_LENGTH, check_of(rom.length - 1));
}

PVTEST(checksum, "each byte counts")
{
    static const unsigned at[] = { 0x1ff, 0x5ff, 0x160 };

    for (unsigned i = 0; i < 3; i++) {
        rom_image_make(&rom, 3);
        rom.bytes[at[i]]++;
        EXPECT_EQ(1u << PVI_ROM_CHECKSUM, check_of(rom.length));
        rom_image_make(&rom, 64);
        rom.bytes[at[i]]++;
        EXPECT_EQ(1u << PVI_ROM_CHECKSUM, check_of(rom.length));
    }
}

PVTEST(pci, "missing, outside, across the header, crooked, not PCIR")
{
    BREAKS(3, PVI_ROM_PCI_MISSING, ROM_HEADER(&rom, pci, 0));
    BREAKS_BOTH(PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0xfffc));
    BREAKS(3, PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0x600 - 0x14));
    BREAKS_BOTH(PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0x1c));
    BREAKS_BOTH(PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0x6c));
    BREAKS_BOTH(PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0x8c));
    BREAKS(64, PVI_ROM_PCI_OUTSIDE, ROM_HEADER(&rom, pci, 0xbc));
    BREAKS_BOTH(PVI_ROM_PCI_ALIGNMENT, ROM_HEADER(&rom, pci, ROM_PCI + 2));
    for (unsigned i = 0; i < 4; i++)
        BREAKS_BOTH(PVI_ROM_PCI_SIGNATURE, SET_BYTE(ROM_PCI + i, 0));
    EXPECT(!seen.pci);
}

PVTEST(pci_at_the_end, "the last bytes of the image")
{
    SOUND(3, put(0x600 - 0x18, "PCIR", 4); ROM_HEADER(&rom, pci, 0x600 - 0x18));
    EXPECT_EQ(0, seen.pci->vendor);
}

PVTEST(pnp, "outside, across the header, crooked, not $PnP")
{
    BREAKS_BOTH(PVI_ROM_PNP_OUTSIDE, ROM_HEADER(&rom, pnp, 0xfff0));
    BREAKS(3, PVI_ROM_PNP_OUTSIDE, ROM_HEADER(&rom, pnp, 0x600 - 0x1e));
    BREAKS_BOTH(PVI_ROM_PNP_OUTSIDE, ROM_HEADER(&rom, pnp, 0x10));
    BREAKS_BOTH(PVI_ROM_PNP_OUTSIDE, ROM_HEADER(&rom, pnp, 0x62));
    BREAKS_BOTH(PVI_ROM_PNP_ALIGNMENT, ROM_HEADER(&rom, pnp, ROM_PNP + 1));
    for (unsigned i = 0; i < 4; i++)
        BREAKS_BOTH(PVI_ROM_PNP_SIGNATURE, SET_BYTE(ROM_PNP + i, 0));
    EXPECT(!seen.pnp && !seen.manufacturer);
}

PVTEST(overlap, "the two structures, and either and a string")
{
    BREAKS(3, PVI_ROM_OVERLAP, put(0x200, "PCIR", 4); put(0x214, "$PnP", 4);
           ROM_HEADER(&rom, pci, 0x200); ROM_HEADER(&rom, pnp, 0x214));
    BREAKS(3, PVI_ROM_OVERLAP, put(0x200, "PCIR", 4); put(0x1e4, "$PnP", 4);
           ROM_HEADER(&rom, pci, 0x200); ROM_HEADER(&rom, pnp, 0x1e4));
    SOUND(3, put(0x200, "PCIR", 4); put(0x218, "$PnP", 4);
          ROM_HEADER(&rom, pci, 0x200); ROM_HEADER(&rom, pnp, 0x218));
    /* "PCIR", vendor 0x2020, device 0: a string that ends in it. */
    BREAKS_BOTH(PVI_ROM_OVERLAP,
                ROM_SET(&rom, ROM_PCI, struct vmi_pci, vendor, 0x2020);
                ROM_SET(&rom, ROM_PCI, struct vmi_pci, device, 0);
                ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, ROM_PCI));
    EXPECT(!seen.product && seen.manufacturer);
    /* One that ends where a structure begins. */
    SOUND(3, put(ROM_PCI + 0x18, "abcdefg", 8);
          ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, ROM_PCI + 0x18));
    EXPECT_STR("abcdefg", seen.product);
    SOUND(3, put(0x302, "x", 2); put(0x304, "PCIR", 4);
          ROM_HEADER(&rom, pci, 0x304);
          ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, 0x302));
    BREAKS_BOTH(PVI_ROM_OVERLAP, SET_BYTE(ROM_PNP + 4, 0);
                ROM_SET(&rom, ROM_PNP, struct vmi_pnp, manufacturer, ROM_PNP));
}

PVTEST(strings, "outside, across the header, without end, not ASCII")
{
    BREAKS_BOTH(PVI_ROM_STRING, ROM_HEADER(&rom, licence, 0xffff));
    BREAKS_BOTH(PVI_ROM_STRING,
                ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, 0xffff));
    BREAKS_BOTH(PVI_ROM_STRING,
                ROM_SET(&rom, ROM_PNP, struct vmi_pnp, manufacturer, 8));
    BREAKS(64, PVI_ROM_STRING, ROM_PROFILE(&rom, platform, 0xc0 - 0x30));
    BREAKS_BOTH(PVI_ROM_STRING, SET_BYTE(ROM_MANUFACTURER, 0x7f));
    BREAKS_BOTH(PVI_ROM_STRING, SET_BYTE(ROM_PRODUCT + 2, '\n'));
    BREAKS_BOTH(PVI_ROM_STRING, SET_BYTE(ROM_LICENCE + 1, 0xe9));
    BREAKS(64, PVI_ROM_STRING, SET_BYTE(ROM_PLATFORM, 1));
    SOUND(3, SET_BYTE(ROM_PRODUCT, '~'); SET_BYTE(ROM_PRODUCT + 1, ' '));
    /* Up to the last byte, which ends it or does not. */
    BREAKS(3, PVI_ROM_STRING, SET_BYTE(0x5ff, 'x');
           ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, 0x5ff));
    SOUND(3, SET_BYTE(0x5fe, 'x');
          ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, 0x5fe));
    EXPECT_STR("x", seen.product);
}

PVTEST(long_string, "63 bytes in the profile; VMI 3.0 has no limit")
{
    SOUND(64, memset(rom.bytes + 0x200, 'x', 63);
          ROM_PROFILE(&rom, platform, 0x200));
    BREAKS(64, PVI_ROM_STRING, memset(rom.bytes + 0x200, 'x', 64);
           ROM_PROFILE(&rom, platform, 0x200));
    SOUND(3, memset(rom.bytes + 0x200, 'x', 200);
          ROM_SET(&rom, ROM_PNP, struct vmi_pnp, product, 0x200));
}

PVTEST(licence, "VMI 3.0: exactly one of two; the profile has no such rule")
{
    static const char *const wrong[] = { "GP",    "gpl",    "GPL ",
                                         "GPLv2", "GPL v3", "" };

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        BREAKS(3, PVI_ROM_LICENCE,
               put(ROM_LICENCE, wrong[i], strlen(wrong[i]) + 1));
        SOUND(64, put(ROM_LICENCE, wrong[i], strlen(wrong[i]) + 1));
        EXPECT_STR(wrong[i], seen.licence);
    }
    BREAKS(3, PVI_ROM_LICENCE, ROM_HEADER(&rom, licence, 0));
}

PVTEST(virtual_top, "a page, and room below it; the profile: none")
{
    SOUND(3, ROM_HEADER(&rom, virtual_top, 0xfc000000));
    SOUND(3, ROM_HEADER(&rom, virtual_top, 0xc4000000));
    BREAKS(3, PVI_ROM_VIRTUAL_TOP, ROM_HEADER(&rom, virtual_top, 0xc3fff000));
    BREAKS(3, PVI_ROM_VIRTUAL_TOP, ROM_HEADER(&rom, virtual_top, 0xfc000800));
    BREAKS(64, PVI_ROM_VIRTUAL_TOP, ROM_HEADER(&rom, virtual_top, 0xfc000000));
}

PVTEST(stub, "a BIOS calls 03h")
{
    BREAKS_BOTH(PVI_ROM_STUB, put(3, "\0\0\0\0", 4));
    BREAKS_BOTH(PVI_ROM_STUB, put(3, "\xff\xff\xff\xff", 4));
    BREAKS_BOTH(PVI_ROM_STUB, put(3, "\x90\xc3\x90\x90", 4));
    SOUND(3, put(3, "\x31\xc0\xcb", 4)); /* xor %ax, %ax; lret */
    SOUND(3, put(3, "\x90\xca\x02", 4)); /* nop; lret $2 */
    SOUND(3, put(3, "\xfa\xe9\0", 4));   /* cli; jmp */
    SOUND(3, put(3, "\xfa\xeb\0", 4));
    BREAKS(3, PVI_ROM_STUB, put(3, "\x90\x90\x90\x90\xcb", 5));
    SOUND(3, put(3, "\xeb\x1b\0", 4)); /* to 20h */
    BREAKS(3, PVI_ROM_STUB, put(3, "\xeb\x1a\0", 4));
    SOUND(3, put(3, "\xe9\xf9\x05", 4)); /* to the last byte */
    BREAKS(3, PVI_ROM_STUB, put(3, "\xe9\xfa\x05", 4));
    BREAKS(3, PVI_ROM_STUB, put(3, "\xe9\0\x80", 4));
    BREAKS(64, PVI_ROM_STUB, put(3, "\x31\xc0\xcb", 4));
    BREAKS(64, PVI_ROM_STUB, put(3, "\xcb\0\0\x90", 4));
}

PVTEST(entries, "80h and 88h: empty, or out of the image")
{
    for (size_t at = 0x80; at <= 0x88; at += 8) {
        BREAKS_BOTH(PVI_ROM_ENTRY, memset(rom.bytes + at, 0, 8));
        BREAKS_BOTH(PVI_ROM_ENTRY, memset(rom.bytes + at, 0xff, 8));
        BREAKS_BOTH(PVI_ROM_ENTRY, rom_image_jump(&rom, at, -1));
        BREAKS_BOTH(PVI_ROM_ENTRY, rom_image_jump(&rom, at, 0x1f));
        BREAKS(3, PVI_ROM_ENTRY, rom_image_jump(&rom, at, 0x600));
        SOUND(3, rom_image_jump(&rom, at, 0x5ff));
        BREAKS(64, PVI_ROM_ENTRY, rom_image_jump(&rom, at, 0x1000));
        BREAKS(64, PVI_ROM_ENTRY, rom_image_jump(&rom, at, 0xbf));
        BREAKS(64, PVI_ROM_ENTRY, rom_image_jump(&rom, at, 0x90));
        SOUND(64, rom_image_jump(&rom, at, 0x8f));
        SOUND(64, rom_image_jump(&rom, at, 0xc0));
        SOUND(3, rom_image_jump(&rom, at, 0x90));
        BREAKS_BOTH(PVI_ROM_ENTRY, put(at, "\xeb\x80", 2));
        /* endbr64; jmp */
        BREAKS_BOTH(PVI_ROM_ENTRY, put(at, "\xf3\x0f\x1e\xfa\xeb\x80", 6));
        SOUND(3, put(at, "\xf3\x0f\x1e\xfb\xeb\x10", 6));
        /* To 20h, and to one byte before: "jmp", and "endbr32; jmp". */
        SOUND(3, put(at, "\xeb", 1); SET_BYTE(at + 1, 0x20 - (int)at - 2));
        BREAKS(3, PVI_ROM_ENTRY, put(at, "\xeb", 1);
               SET_BYTE(at + 1, 0x1f - (int)at - 2));
        SOUND(3, put(at, "\xf3\x0f\x1e\xfb\xeb", 5);
              SET_BYTE(at + 5, 0x20 - (int)at - 6));
        BREAKS(3, PVI_ROM_ENTRY, put(at, "\xf3\x0f\x1e\xfb\xeb", 5);
               SET_BYTE(at + 5, 0x1f - (int)at - 6));
        SOUND(3, put(at, "\x31\xc0\x31\xd2\xc3", 6));
    }
}

PVTEST(pages, "the profile's image is whole pages")
{
    BREAKS(64, PVI_ROM_ALIGNMENT, ROM_HEADER(&rom, blocks, 9);
           rom.length = 9 * 512);
    SOUND(64, ROM_HEADER(&rom, blocks, 16); rom.length = 16 * 512);
}

PVTEST(reserved, "every reserved byte of the profile's header")
{
    static const struct {
        uint8_t first, last;
    } ranges[] = { { 0x07, 0x07 }, { 0x0e, 0x0f }, { 0x14, 0x15 },
                   { 0x1c, 0x1f }, { 0x38, 0x3f }, { 0x60, 0x7f },
                   { 0x9d, 0x9f }, { 0xa6, 0xbf } };

    for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        for (unsigned at = ranges[i].first; at <= ranges[i].last; at++) {
            BREAKS(64, PVI_ROM_RESERVED, SET_BYTE(at, 1));
            if (at < 0x90)
                SOUND(3, SET_BYTE(at, 1));
        }
    }
    /* The byte before a structure that begins later. */
    BREAKS(64, PVI_ROM_RESERVED,
           memmove(rom.bytes + ROM_PCI + 4, rom.bytes + ROM_PCI, 24);
           memset(rom.bytes + ROM_PCI, 0, 4); SET_BYTE(ROM_PCI + 3, 1);
           ROM_HEADER(&rom, pci, ROM_PCI + 4));
}

PVTEST(state, "whole pages, up to 256 KiB")
{
    SOUND(64, ROM_PROFILE(&rom, state_bytes, 0));
    SOUND(64, ROM_PROFILE(&rom, state_bytes, 256 * 1024));
    BREAKS(64, PVI_ROM_STATE, ROM_PROFILE(&rom, state_bytes, 257 * 1024));
    BREAKS(64, PVI_ROM_STATE, ROM_PROFILE(&rom, state_bytes, 260 * 1024));
    BREAKS(64, PVI_ROM_STATE, ROM_PROFILE(&rom, state_bytes, 2048));
}

PVTEST(cpu, "size, offset and segment agree")
{
    SOUND(64, ROM_PROFILE(&rom, cpu_segment, 'f'));
    SOUND(64, ROM_PROFILE(&rom, cpu_bytes, 4096));
    SOUND(64, ROM_PROFILE(&rom, cpu_bytes, 0); ROM_PROFILE(&rom, cpu_offset, 0);
          ROM_PROFILE(&rom, cpu_segment, 0));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_bytes, 4160));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_bytes, 96));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_segment, 0));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_segment, 'd'));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_bytes, 0);
           ROM_PROFILE(&rom, cpu_offset, 0));
    BREAKS(64, PVI_ROM_CPU, ROM_PROFILE(&rom, cpu_bytes, 0);
           ROM_PROFILE(&rom, cpu_segment, 0));
}

PVTEST(flags, "two are known, and Xen PV is whole")
{
    SOUND(64, ROM_PROFILE(&rom, flags, 0));
    SOUND(64, ROM_PROFILE(&rom, flags, VMI64_WHOLE | VMI64_XEN_PV));
    BREAKS(64, PVI_ROM_FLAGS, ROM_PROFILE(&rom, flags, VMI64_XEN_PV));
    BREAKS(64, PVI_ROM_FLAGS, ROM_PROFILE(&rom, flags, VMI64_WHOLE | 4));
    BREAKS(64, PVI_ROM_FLAGS, ROM_PROFILE(&rom, flags, 0x80000000));
}

PVTEST(several, "what can be told of a bad ROM is told at once")
{
    rom_image_make(&rom, 3);
    SET_BYTE(0, 0);
    ROM_HEADER(&rom, blocks, 0);
    ROM_HEADER(&rom, licence, 0);
    ROM_HEADER(&rom, pci, 0);
    memset(rom.bytes + 0x80, 0, 8);
    EXPECT_EQ(1u << PVI_ROM_SIGNATURE | 1u << PVI_ROM_LENGTH |
                  1u << PVI_ROM_PCI_MISSING | 1u << PVI_ROM_LICENCE |
                  1u << PVI_ROM_ENTRY,
              check());
}

PVTEST(texts, "every rule has a sentence of its own")
{
    for (unsigned i = 0; i < PVI_ROM_RULES; i++) {
        EXPECT(strcmp("no rule", pvi_rom_rule_text(i)) != 0);
        for (unsigned j = 0; j < i; j++)
            EXPECT(strcmp(pvi_rom_rule_text(j), pvi_rom_rule_text(i)) != 0);
    }
    EXPECT_STR("no rule", pvi_rom_rule_text(PVI_ROM_RULES));
}
