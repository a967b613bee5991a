/* SPDX-License-Identifier: MIT */
/*
 * CRC-32, a byte at a time: what a byte changes is found once a call, because a
 * kernel has 60 MiB of them.
 *
 * Source: RFC 1952, 8 (the polynomial, reflected).
 */
#include "crc32.h"

uint32_t unpack_crc32(const uint8_t *bytes, size_t count)
{
    uint32_t change[256];
    uint32_t crc = UINT32_MAX;

    for (uint32_t i = 0; i < 256; i++) {
        change[i] = i;
        for (unsigned bit = 0; bit < 8; bit++)
            change[i] = change[i] >> 1 ^ (change[i] & 1 ? 0xedb88320u : 0);
    }
    for (size_t i = 0; i < count; i++)
        crc = crc >> 8 ^ change[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}
