/* SPDX-License-Identifier: MIT */
/*
 * An xz file around bytes that are LZMA2, or shall be taken for it.
 *
 * Source: The .xz File Format, 1.1.0.
 */
#include "xz_wrap.h"

#include <string.h>

#include "crc32.h"

enum {
    HEADER_BYTES = 12,
    DICTIONARY_CODE = 16, /* of 2^20 bytes */
};

static void put_word(uint8_t *at, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (8 * i));
}

static size_t put_number(uint8_t *at, uint64_t number)
{
    size_t bytes = 0;

    for (; number > 0x7f; number >>= 7)
        at[bytes++] = (uint8_t)(number | 0x80);
    at[bytes++] = (uint8_t)number;
    return bytes;
}

size_t xz_wrap(const uint8_t *in, size_t size, size_t unpacked, bool x86,
               uint8_t *file)
{
    static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0, 0 };
    uint8_t *at = file + HEADER_BYTES, *index;

    memcpy(file, magic, sizeof(magic));
    put_word(file + 8, unpack_crc32(file + 6, 2));
    /* Size, flags, filters: ID, bytes of properties, properties. */
    memset(at, 0, 8);
    at[0] = 2; /* times 4, without the sum */
    at[1] = x86;
    at += 2;
    if (x86) {
        *at = 4;
        at += 2;
    }
    *at++ = 0x21;
    *at++ = 1;
    *at++ = DICTIONARY_CODE;
    at = file + HEADER_BYTES + 8;
    put_word(at, unpack_crc32(file + HEADER_BYTES, 8));
    at += 4;
    memcpy(at, in, size);
    at += size;
    while ((at - file) % 4)
        *at++ = 0;
    index = at;
    *at++ = 0;
    *at++ = 1;
    at += put_number(at, 12 + size);
    at += put_number(at, unpacked);
    while ((at - file) % 4)
        *at++ = 0;
    put_word(at, unpack_crc32(index, (size_t)(at - index)));
    at += 4;
    put_word(at + 4, (uint32_t)(at - index) / 4 - 1);
    at[8] = at[9] = 0;
    put_word(at, unpack_crc32(at + 4, 6));
    at[10] = 'Y';
    at[11] = 'Z';
    return (size_t)(at + HEADER_BYTES - file);
}
