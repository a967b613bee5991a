/* SPDX-License-Identifier: MIT */
/*
 * Multiboot headers, which a loader finds by looking for their magic.
 *
 * Sources: Multiboot Specification 0.6.96, 3.1.1 and 3.1.2; Multiboot2
 *          Specification 2.0, 3.1.1 and 3.1.2.
 */
#include "image/bytes.h"

enum {
    MULTIBOOT1_SEARCH = 8192,
    MULTIBOOT1_ALIGN = 4,
    MULTIBOOT1_BYTES = 12,
    MULTIBOOT1_ADDRESS_BYTES = 32, /* with the address fields */
    MULTIBOOT1_ADDRESS_FIELDS = 1 << 16,

    MULTIBOOT2_SEARCH = 32768,
    MULTIBOOT2_ALIGN = 8,
    MULTIBOOT2_BYTES = 16,
    MULTIBOOT2_I386 = 0,
};

#define MULTIBOOT1_MAGIC UINT32_C(0x1badb002)
#define MULTIBOOT2_MAGIC UINT32_C(0xe85250d6)

static struct image_bytes head(const struct image_bytes *bytes, size_t most)
{
    struct image_bytes part = *bytes;

    if (part.size > most)
        part.size = most;
    return part;
}

static void find_multiboot1(const struct image_bytes *bytes,
                            struct image *image, char *complaint)
{
    struct image_bytes part = head(bytes, MULTIBOOT1_SEARCH);

    for (size_t at = 0; image_has(&part, at, MULTIBOOT1_BYTES);
         at += MULTIBOOT1_ALIGN) {
        const uint8_t *header = part.data + at;
        uint32_t flags = image_u32(header + 4);

        if (image_u32(header) != MULTIBOOT1_MAGIC)
            continue;
        if (MULTIBOOT1_MAGIC + flags + image_u32(header + 8) != 0) {
            image_refuse(complaint,
                         "ELF: Multiboot header at %zu has a wrong checksum",
                         at);
            continue;
        }
        image->doors |= DOOR_MULTIBOOT1;
        image->multiboot1_address_fields =
            (flags & MULTIBOOT1_ADDRESS_FIELDS) &&
            image_has(&part, at, MULTIBOOT1_ADDRESS_BYTES);
        return;
    }
}

static void find_multiboot2(const struct image_bytes *bytes,
                            struct image *image, char *complaint)
{
    struct image_bytes part = head(bytes, MULTIBOOT2_SEARCH);

    for (size_t at = 0; image_has(&part, at, MULTIBOOT2_BYTES);
         at += MULTIBOOT2_ALIGN) {
        const uint8_t *header = part.data + at;
        uint32_t architecture = image_u32(header + 4);
        uint32_t length = image_u32(header + 8);

        if (image_u32(header) != MULTIBOOT2_MAGIC)
            continue;
        if (MULTIBOOT2_MAGIC + architecture + length + image_u32(header + 12) !=
            0) {
            image_refuse(complaint,
                         "ELF: Multiboot2 header at %zu has a wrong checksum",
                         at);
        } else if (architecture != MULTIBOOT2_I386) {
            image_refuse(complaint,
                         "ELF: Multiboot2 header at %zu is for architecture "
                         "%u, not for i386 (0)",
                         at, architecture);
        } else if (length < MULTIBOOT2_BYTES || !image_has(&part, at, length)) {
            image_refuse(complaint,
                         "ELF: Multiboot2 header at %zu has %u bytes, which "
                         "do not fit into the first 32 KiB",
                         at, length);
        } else {
            image->doors |= DOOR_MULTIBOOT2;
            return;
        }
    }
}

void image_multiboot_parse(const struct image_bytes *bytes, struct image *image,
                           char complaint[IMAGE_WHY_BYTES])
{
    complaint[0] = '\0';
    find_multiboot1(bytes, image, complaint);
    find_multiboot2(bytes, image, complaint);
}
