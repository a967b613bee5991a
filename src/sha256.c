/* SPDX-License-Identifier: MIT */
/*
 * SHA-256, small rather than fast: a ROM of 124 KiB is hashed once.
 *
 * Source: FIPS 180-4, 4.1.2 (functions), 4.2.2 (constants), 5.1.1 (padding),
 *         5.3.3 (initial value), 6.2.2 (computation).
 */
#include <pvops/config.h>

#include "sha256.h"

#if PVOPS_VMI

enum { BLOCK_BYTES = 64, LENGTH_BYTES = 8, WORDS = 8, ROUNDS = 64 };

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void add_block(uint32_t hash[WORDS], const uint8_t block[BLOCK_BYTES])
{
    uint32_t w[ROUNDS], v[WORDS];

    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < ROUNDS; i++) {
        uint32_t s0 =
            rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 =
            rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;

        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    for (unsigned i = 0; i < WORDS; i++)
        v[i] = hash[i];

    /* v[0] to v[7]: the standard's a to h. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choice + constants[i] + w[i];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);

        for (unsigned j = WORDS - 1; j > 0; j--)
            v[j] = v[j - 1];
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (unsigned i = 0; i < WORDS; i++)
        hash[i] += v[i];
}

void pvi_sha256(const void *data, size_t bytes, uint8_t out[32])
{
    uint32_t hash[WORDS] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    const uint8_t *at = data;
    uint8_t last[2 * BLOCK_BYTES] = { 0 };
    uint64_t bits = (uint64_t)bytes << 3;
    size_t rest = bytes % BLOCK_BYTES;
    size_t end =
        rest < BLOCK_BYTES - LENGTH_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;

    for (size_t i = 0; i < bytes / BLOCK_BYTES; i++, at += BLOCK_BYTES)
        add_block(hash, at);

    /* What is left, a bit 1, bits 0, and the length. */
    for (size_t i = 0; i < rest; i++)
        last[i] = at[i];
    last[rest] = 0x80;
    for (unsigned i = 1; i <= LENGTH_BYTES; i++, bits >>= 8)
        last[end - i] = (uint8_t)bits;
    for (size_t i = 0; i < end; i += BLOCK_BYTES)
        add_block(hash, last + i);

    for (unsigned i = 0; i < 32; i++)
        out[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

#endif /* PVOPS_VMI */
