/* SPDX-License-Identifier: MIT */
/*
 * bzImage: the Linux/x86 boot protocol's header, and the ELF packed inside.
 *
 * Source: Linux Documentation/x86/boot.rst, "The Real-Mode Kernel Header";
 *         Microsoft PE/COFF specification, "MS-DOS Stub" and "Signature".
 */
#include "image/bytes.h"

#include <inttypes.h>
#include <stdlib.h>

/* Offsets of fields in the file. */
enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4,
    BOOT_FLAG = 0x1fe,
    HEADER = 0x202,
    VERSION = 0x206,
    XLOADFLAGS = 0x236,
    PAYLOAD_OFFSET = 0x248,
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x268,
};

/* Protocols that brought a field. */
enum {
    VERSION_SYSSIZE = 0x0204, /* of 4 bytes */
    VERSION_PAYLOAD = 0x0208,
    VERSION_XLOADFLAGS = 0x020c,
};

enum {
    SECTOR_BYTES = 512,
    SETUP_SECTS_DEFAULT = 4, /* what 0 stands for */
    SYSSIZE_UNIT = 16,
    XLF_KERNEL_64 = 1 << 0,
    XLF_EFI_HANDOVER = 1 << 2 | 1 << 3, /* 32 and 64 bit */
    PE_HEADER_POINTER = 0x3c,
};

bool image_is_bzimage(const struct image_bytes *bytes)
{
    return image_has_magic(bytes, BOOT_FLAG, "\x55\xaa", 2) &&
           image_has_magic(bytes, HEADER, "HdrS", 4);
}

bool image_is_pe(const struct image_bytes *bytes)
{
    return image_has_magic(bytes, 0, "MZ", 2) &&
           image_has(bytes, PE_HEADER_POINTER, 4) &&
           image_has_magic(bytes, image_u32(bytes->data + PE_HEADER_POINTER),
                           "PE\0\0", 4);
}

bool image_bzimage_parse(const struct image_bytes *bytes,
                         struct image *out_image, char why[IMAGE_WHY_BYTES])
{
    uint64_t setup_bytes, kernel_bytes;
    unsigned setup_sects, version;

    if (bytes->size < HEADER_END)
        return image_refuse(why,
                            "bzImage: cut off in its header (%zu of %u bytes)",
                            bytes->size, HEADER_END);
    setup_sects = bytes->data[SETUP_SECTS];
    if (setup_sects == 0)
        setup_sects = SETUP_SECTS_DEFAULT;
    setup_bytes = (setup_sects + 1) * SECTOR_BYTES;
    kernel_bytes = (uint64_t)image_u32(bytes->data + SYSSIZE) * SYSSIZE_UNIT;
    version = image_u16(bytes->data + VERSION);
    if (setup_bytes > bytes->size)
        return image_refuse(why,
                            "bzImage: cut off in its setup code (%zu of "
                            "%" PRIu64 " bytes)",
                            bytes->size, setup_bytes);
    /* syssize is rounded up. */
    if (version >= VERSION_SYSSIZE &&
        kernel_bytes >= bytes->size - setup_bytes + SYSSIZE_UNIT)
        return image_refuse(why, "bzImage: cut off (%zu of %" PRIu64 " bytes)",
                            bytes->size, setup_bytes + kernel_bytes);

    out_image->format = IMAGE_BZIMAGE;
    out_image->doors = DOOR_LINUX;
    if (image_is_pe(bytes))
        out_image->doors |= DOOR_LINUX_EFI;
    if (version >= VERSION_XLOADFLAGS) {
        unsigned flags = image_u16(bytes->data + XLOADFLAGS);

        if (flags & XLF_KERNEL_64)
            out_image->bits = 64;
        if (flags & XLF_EFI_HANDOVER)
            out_image->doors |= DOOR_LINUX_EFI;
    }
    if (version >= VERSION_PAYLOAD) {
        out_image->payload_offset =
            setup_bytes + image_u32(bytes->data + PAYLOAD_OFFSET);
        out_image->payload_bytes = image_u32(bytes->data + PAYLOAD_LENGTH);
    }
    return true;
}

bool image_parse_payload(const void *data, size_t size, struct image *image,
                         char why[IMAGE_WHY_BYTES])
{
    const struct image_bytes bytes = { data, size };
    struct image_bytes packed, unpacked;
    struct image inner = { 0 };
    uint8_t *unpacked_data;
    char reason[IMAGE_WHY_BYTES];
    bool ok;

    why[0] = '\0';
    if (image->format != IMAGE_BZIMAGE)
        return true;
    if (image->payload_bytes == 0)
        return image_refuse(why, "bzImage: its header tells of no payload");
    if (!image_has(&bytes, image->payload_offset, image->payload_bytes))
        return image_refuse(why,
                            "bzImage: payload lies beyond the end of the file "
                            "(offset %" PRIu64 ", %" PRIu64
                            " bytes; file %zu bytes)",
                            image->payload_offset, image->payload_bytes, size);
    packed.data = bytes.data + image->payload_offset;
    packed.size = image->payload_bytes;
    if (!image_unpack(&packed, &unpacked_data, &unpacked.size, why))
        return false;

    unpacked.data = unpacked_data;
    if (image_has_magic(&unpacked, 0, "\177ELF", 4)) {
        ok = image_elf_parse(&unpacked, &inner, reason);
        if (!ok)
            image_refuse(why, "bzImage's payload: %.*s", IMAGE_WHY_BYTES - 32,
                         reason);
    } else {
        ok = image_refuse(why, "bzImage's payload is no ELF");
    }
    free(unpacked_data);
    if (!ok)
        return false;

    /* Nobody looks for Multiboot in there. */
    image->doors |= inner.doors & (DOOR_PVH | DOOR_XEN_PV);
    image->bits = inner.bits;
    image->entry = inner.entry;
    image->pvh_entry = inner.pvh_entry;
    image->xen_entry = inner.xen_entry;
    image->virt_base = inner.virt_base;
    image->range_count = inner.range_count;
    for (size_t i = 0; i < inner.range_count; i++)
        image->ranges[i] = inner.ranges[i];
    return true;
}
