/* SPDX-License-Identifier: MIT */
/*
 * XXH64.
 *
 * Source: xxHash fast digest algorithm, 0.1.1, "XXH64 algorithm description".
 */
#include "xxh64.h"

#define PRIME_1 UINT64_C(0x9e3779b185ebca87)
#define PRIME_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME_3 UINT64_C(0x165667b19e3779f9)
#define PRIME_4 UINT64_C(0x85ebca77c2b2ae63)
#define PRIME_5 UINT64_C(0x27d4eb2f165667c5)

static uint64_t turn(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static uint64_t read_little(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = bytes; i--;)
        value = value << 8 | at[i];
    return value;
}

static uint64_t mix(uint64_t lane, uint64_t value)
{
    return turn(lane + value * PRIME_2, 31) * PRIME_1;
}

/* Stripes of 32 bytes, in four lanes; *bytes is behind them then. */
static uint64_t take_stripes(const uint8_t **bytes, const uint8_t *end)
{
    static const unsigned turns[4] = { 1, 7, 12, 18 };
    uint64_t lanes[4] = { PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1 };
    uint64_t sum = 0;

    for (; end - *bytes >= 32; *bytes += 32) {
        for (unsigned i = 0; i < 4; i++)
            lanes[i] = mix(lanes[i], read_little(*bytes + 8 * i, 8));
    }
    for (unsigned i = 0; i < 4; i++)
        sum += turn(lanes[i], turns[i]);
    for (unsigned i = 0; i < 4; i++)
        sum = (sum ^ mix(0, lanes[i])) * PRIME_1 + PRIME_4;
    return sum;
}

uint64_t unpack_xxh64(const uint8_t *bytes, size_t count)
{
    const uint8_t *end = bytes + count;
    uint64_t sum = count < 32 ? PRIME_5 : take_stripes(&bytes, end);

    sum += count;
    for (; end - bytes >= 8; bytes += 8)
        sum = turn(sum ^ mix(0, read_little(bytes, 8)), 27) * PRIME_1 + PRIME_4;
    for (; end - bytes >= 4; bytes += 4)
        sum =
            turn(sum ^ read_little(bytes, 4) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    for (; bytes < end; bytes++)
        sum = turn(sum ^ *bytes * PRIME_5, 11) * PRIME_1;
    sum = (sum ^ sum >> 33) * PRIME_2;
    sum = (sum ^ sum >> 29) * PRIME_3;
    return sum ^ sum >> 32;
}
