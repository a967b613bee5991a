/* SPDX-License-Identifier: MIT */
/*
 * Unpacking from one buffer into another, for pvk and the shim: freestanding,
 * nothing allocated, nothing kept, any bytes survived.
 *
 * Each function reads one whole file of its format from 'in', and writes to
 * 'out' at most 'room' bytes. It returns NULL, or what is wrong, which begins
 * with the format's name, or lzma's; *out_bytes is how many bytes it has
 * written by then. Sums that the file has are compared.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <stdint.h>

/* What a decoder needs besides: nothing is expected in it, nothing is left. */
struct unpack_work {
    uint64_t words[18 << 10];
};

/*
 * With 'out' NULL only *out_bytes is found, by inflating to nowhere. What
 * follows the file is not looked at.
 */
const char *unpack_gzip(const uint8_t *in, size_t in_bytes, uint8_t *out,
                        size_t room, size_t *out_bytes);

/*
 * One stream, of blocks by LZMA2, with or without the filter for x86 and with
 * CRC32 or no check: what Linux packs its kernels by.
 */
const char *unpack_xz(struct unpack_work *work, const uint8_t *in,
                      size_t in_bytes, uint8_t *out, size_t room,
                      size_t *out_bytes);

/* The format of the lzma program, "LZMA alone". It has no sum. */
const char *unpack_lzma(struct unpack_work *work, const uint8_t *in,
                        size_t in_bytes, uint8_t *out, size_t room,
                        size_t *out_bytes);

/* The legacy format (lz4 -l), which has no sum. */
const char *unpack_lz4(const uint8_t *in, size_t in_bytes, uint8_t *out,
                       size_t room, size_t *out_bytes);

/* One frame (RFC 8878) without a dictionary. */
const char *unpack_zstd(struct unpack_work *work, const uint8_t *in,
                        size_t in_bytes, uint8_t *out, size_t room,
                        size_t *out_bytes);

#endif /* UNPACK_H */
