/* SPDX-License-Identifier: MIT */
/*
 * A file's untrusted bytes, and what the image_*.c files share to read them.
 *
 * Numbers are little-endian, as every format here has them, and may lie at
 * any address.
 */
#ifndef LAB_IMAGE_BYTES_H
#define LAB_IMAGE_BYTES_H

#include "image/image.h"

struct image_bytes {
    const uint8_t *data;
    size_t size;
};

/* Are 'length' bytes at 'offset' all inside? Cannot overflow. */
static inline bool image_has(const struct image_bytes *bytes, uint64_t offset,
                             uint64_t length)
{
    return offset <= bytes->size && length <= bytes->size - offset;
}

/*
 * A file mapped for reading: the caller's to image_unmap().
 *
 * Errors: false, with a sentence without the path; nothing is mapped then.
 */
bool image_map(const char *path, struct image_bytes *out_bytes,
               char why[IMAGE_WHY_BYTES]);
void image_unmap(const struct image_bytes *bytes);

/* Does 'magic' stand at 'offset'? */
bool image_has_magic(const struct image_bytes *bytes, uint64_t offset,
                     const char *magic, size_t length);

static inline uint16_t image_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t image_u32(const uint8_t *p)
{
    return image_u16(p) | (uint32_t)image_u16(p + 2) << 16;
}

static inline uint64_t image_u64(const uint8_t *p)
{
    return image_u32(p) | (uint64_t)image_u32(p + 4) << 32;
}

/* Write the sentence; false, so that a parser can return it. */
bool image_refuse(char why[IMAGE_WHY_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Name of the compression whose magic the bytes begin with ("gzip"), or NULL.
 */
const char *image_compression(const struct image_bytes *bytes);

/* One parser for each format; errors as those of image_parse(). */
bool image_elf_parse(const struct image_bytes *bytes, struct image *out_image,
                     char why[IMAGE_WHY_BYTES]);
bool image_is_bzimage(const struct image_bytes *bytes);
bool image_bzimage_parse(const struct image_bytes *bytes,
                         struct image *out_image, char why[IMAGE_WHY_BYTES]);
bool image_is_pe(const struct image_bytes *bytes);

/*
 * Unpack a bzImage's payload, whose last 4 bytes are its unpacked size.
 *
 * Owns:   *out_data is the caller's to free().
 * Errors: false, with a sentence.
 */
bool image_unpack(const struct image_bytes *packed, uint8_t **out_data,
                  size_t *out_size, char why[IMAGE_WHY_BYTES]);

/* Doors from Multiboot headers; sets multiboot1_address_fields. */
void image_multiboot_parse(const struct image_bytes *bytes, struct image *image,
                           char complaint[IMAGE_WHY_BYTES]);

#endif /* LAB_IMAGE_BYTES_H */
