/* SPDX-License-Identifier: MIT */
/*
 * The sum of gzip and xz.
 */
#ifndef UNPACK_CRC32_H
#define UNPACK_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t unpack_crc32(const uint8_t *bytes, size_t count);

#endif /* UNPACK_CRC32_H */
