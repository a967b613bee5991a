/* SPDX-License-Identifier: MIT */
/*
 * zstd: bits read backwards, and FSE codes.
 *
 * Source: RFC 8878, 4.1.
 */
#include "zstd_coding.h"

static unsigned highest_bit(uint32_t value)
{
    return 31 - (unsigned)__builtin_clz(value);
}

void unpack_zstd_fail(struct zstd *zstd, const char *why)
{
    if (!zstd->wrong)
        zstd->wrong = why;
}

bool unpack_zstd_open_bits(struct zstd *zstd, struct zstd_bits *bits,
                           const uint8_t *bytes, size_t size)
{
    *bits = (struct zstd_bits){ bytes, size, 0 };
    if (!size || !bytes[size - 1]) {
        unpack_zstd_fail(zstd, "zstd: bits without the mark at their end");
        return false;
    }
    bits->left =
        (ptrdiff_t)(size - 1) * 8 + (ptrdiff_t)highest_bit(bytes[size - 1]);
    return true;
}

/* 'count' bits, at most 32, from bit 'at' of the first byte on. */
static uint32_t get_bits(const struct zstd_bits *bits, size_t at,
                         unsigned count)
{
    size_t byte = at / 8;
    uint64_t word = 0;

    if (bits->size - byte >= sizeof(word)) {
        __builtin_memcpy(&word, bits->bytes + byte, sizeof(word));
    } else {
        for (unsigned i = 0; byte + i < bits->size; i++)
            word |= (uint64_t)bits->bytes[byte + i] << (8 * i);
    }
    return (uint32_t)(word >> at % 8 & ((UINT64_C(1) << count) - 1));
}

uint32_t unpack_zstd_take_bits(struct zstd_bits *bits, unsigned count)
{
    bits->left -= count;
    if (bits->left >= 0)
        return get_bits(bits, (size_t)bits->left, count);
    if (bits->left + (ptrdiff_t)count <= 0)
        return 0;
    return get_bits(bits, 0, (unsigned)(bits->left + (ptrdiff_t)count))
           << -bits->left;
}

void unpack_zstd_set_fse(struct zstd_fse *fse, const int16_t *counts,
                         unsigned symbols, unsigned bits)
{
    uint16_t next[ZSTD_FSE_SYMBOLS];
    unsigned size = 1u << bits, end = size, at = 0;
    unsigned step = (size >> 1) + (size >> 3) + 3;

    /* What is less likely than one state has its one at the end. */
    for (unsigned i = 0; i < symbols; i++) {
        next[i] = (uint16_t)(counts[i] < 0 ? 1 : counts[i]);
        if (counts[i] < 0)
            fse->states[--end].symbol = (uint8_t)i;
    }
    for (unsigned i = 0; i < symbols; i++) {
        for (int n = 0; n < counts[i]; n++) {
            fse->states[at].symbol = (uint8_t)i;
            do
                at = (at + step) & (size - 1);
            while (at >= end);
        }
    }
    for (unsigned i = 0; i < size; i++) {
        struct zstd_state *state = &fse->states[i];
        unsigned number = next[state->symbol]++;

        state->bits = (uint8_t)(bits - highest_bit(number));
        state->base = (uint16_t)((number << state->bits) - size);
    }
    fse->bits = bits;
    fse->is_set = true;
}

/* Bits read forwards; those behind the end are 0, and told of after all. */
struct forward {
    const struct zstd_input *input;
    size_t at;
};

static unsigned peek(const struct forward *bits, unsigned count)
{
    unsigned value = 0;

    for (unsigned i = 0; i < 3; i++) {
        if (bits->at / 8 + i < bits->input->left)
            value |= (unsigned)bits->input->at[bits->at / 8 + i] << (8 * i);
    }
    return value >> bits->at % 8 & ((1u << count) - 1);
}

/*
 * A number from 0 to 'most': of as many bits as 'most' has, but one less for
 * the lowest, since not all of the highest exist.
 */
static unsigned take_up_to(struct forward *bits, unsigned most)
{
    unsigned width = highest_bit(most) + 1;
    unsigned half = 1u << (width - 1);
    unsigned spare = 2 * half - 1 - most;
    unsigned value = peek(bits, width);

    if ((value & (half - 1)) < spare) {
        bits->at += width - 1;
        return value & (half - 1);
    }
    bits->at += width;
    return value < half ? value : value - spare;
}

void unpack_zstd_take_fse(struct zstd *zstd, struct zstd_input *input,
                          struct zstd_fse *fse, unsigned symbols,
                          unsigned most_bits)
{
    struct forward bits = { input, 4 };
    int16_t counts[ZSTD_FSE_SYMBOLS];
    unsigned state_bits = peek(&(struct forward){ input, 0 }, 4) + 5;
    unsigned left = 1u << state_bits, n = 0;

    if (state_bits > most_bits) {
        unpack_zstd_fail(zstd, "zstd: a code of too many states");
        return;
    }
    while (left && n < symbols) {
        int count = (int)take_up_to(&bits, left + 1) - 1;
        unsigned repeat = count ? 0 : 3;

        counts[n++] = (int16_t)count;
        left -= count < 0 ? 1 : (unsigned)count;
        /* After a 0 it is said how many more there are. */
        while (repeat == 3) {
            repeat = peek(&bits, 2);
            bits.at += 2;
            if (repeat > symbols - n) {
                unpack_zstd_fail(zstd, "zstd: a code of too many symbols");
                return;
            }
            for (unsigned i = 0; i < repeat; i++)
                counts[n++] = 0;
        }
    }
    if (left || (bits.at + 7) / 8 > input->left) {
        unpack_zstd_fail(zstd, "zstd: a code that is not whole");
        return;
    }
    input->at += (bits.at + 7) / 8;
    input->left -= (bits.at + 7) / 8;
    unpack_zstd_set_fse(fse, counts, n, state_bits);
}
