/* SPDX-License-Identifier: MIT */
/*
 * zstd: a block's sequences, each of literals and a match.
 *
 * Source: RFC 8878, 3.1.1.3.2, 3.1.1.4, 3.1.1.5 and appendix A.
 */
#include "zstd_coding.h"

/* What a code stands for: a number, and bits to be added. */
struct meaning {
    uint32_t base;
    uint8_t bits;
};

/* clang-format off */
static const struct meaning length_codes[] = {
    { 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 },
    { 7, 0 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 },
    { 14, 0 }, { 15, 0 }, { 16, 1 }, { 18, 1 }, { 20, 1 }, { 22, 1 },
    { 24, 2 }, { 28, 2 }, { 32, 3 }, { 40, 3 }, { 48, 4 }, { 64, 6 },
    { 128, 7 }, { 256, 8 }, { 512, 9 }, { 1024, 10 }, { 2048, 11 },
    { 4096, 12 }, { 8192, 13 }, { 16384, 14 }, { 32768, 15 }, { 65536, 16 },
};
static const struct meaning match_codes[] = {
    { 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 }, { 8, 0 }, { 9, 0 },
    { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 14, 0 }, { 15, 0 },
    { 16, 0 }, { 17, 0 }, { 18, 0 }, { 19, 0 }, { 20, 0 }, { 21, 0 },
    { 22, 0 }, { 23, 0 }, { 24, 0 }, { 25, 0 }, { 26, 0 }, { 27, 0 },
    { 28, 0 }, { 29, 0 }, { 30, 0 }, { 31, 0 }, { 32, 0 }, { 33, 0 },
    { 34, 0 }, { 35, 1 }, { 37, 1 }, { 39, 1 }, { 41, 1 }, { 43, 2 },
    { 47, 2 }, { 51, 3 }, { 59, 3 }, { 67, 4 }, { 83, 4 }, { 99, 5 },
    { 131, 7 }, { 259, 8 }, { 515, 9 }, { 1027, 10 }, { 2051, 11 },
    { 4099, 12 }, { 8195, 13 }, { 16387, 14 }, { 32771, 15 }, { 65539, 16 },
};

/* 3.1.1.3.2.2 */
static const int16_t length_counts[] = {
    4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
};
static const int16_t match_counts[] = {
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
};
static const int16_t offset_counts[] = {
    1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One of the three kinds of codes. */
struct kind {
    const int16_t *counts;
    uint8_t count_count, count_bits; /* of Predefined_Mode */
    uint8_t symbols, most_bits;
};

static const struct kind length_kind = { length_counts, COUNT(length_counts), 6,
                                         COUNT(length_codes), 9 };
static const struct kind match_kind = { match_counts, COUNT(match_counts), 6,
                                        COUNT(match_codes), 9 };
/* An offset has as many bits as its code says: 31 at most here. */
static const struct kind offset_kind = { offset_counts, COUNT(offset_counts), 5,
                                         32, 8 };

/* 3.1.1.3.2.1.1 */
static void take_code(struct zstd *zstd, struct zstd_input *input,
                      unsigned mode, const struct kind *kind,
                      struct zstd_fse *fse)
{
    enum { PREDEFINED, SAME, CODED };

    if (mode == PREDEFINED) {
        unpack_zstd_set_fse(fse, kind->counts, kind->count_count,
                            kind->count_bits);
    } else if (mode == CODED) {
        unpack_zstd_take_fse(zstd, input, fse, kind->symbols, kind->most_bits);
    } else if (mode != SAME) {
        if (!fse->is_set)
            unpack_zstd_fail(zstd, "zstd: a code as before, where none was");
    } else if (!input->left || *input->at >= kind->symbols) {
        unpack_zstd_fail(zstd, "zstd: a symbol that does not exist");
    } else {
        fse->bits = 0;
        fse->is_set = true;
        fse->states[0] = (struct zstd_state){ .symbol = *input->at };
        input->at++;
        input->left--;
    }
}

/* 3.1.1.5: the first three values are of the last offsets. */
static size_t find_offset(struct zstd *zstd, uint32_t value, size_t literals)
{
    size_t *repeats = zstd->repeats, offset;
    unsigned which;

    if (value > 3) {
        offset = value - 3;
        which = 2;
    } else {
        which = value - 1 + !literals;
        offset = which < 3 ? repeats[which] : repeats[0] - 1;
    }
    if (which >= 2)
        repeats[2] = repeats[1];
    if (which >= 1)
        repeats[1] = repeats[0];
    repeats[0] = offset;
    return offset;
}

static void copy_literals(struct zstd *zstd, size_t count)
{
    if (count > zstd->literal_count) {
        unpack_zstd_fail(zstd, "zstd: more literals than there are");
        return;
    }
    if (count > zstd->room - zstd->out_at) {
        unpack_zstd_fail(zstd, "zstd: more than there is room for");
        return;
    }
    zstd->literal_count -= count;
    while (count--)
        zstd->out[zstd->out_at++] = *zstd->literals++;
}

static void copy_match(struct zstd *zstd, size_t offset, size_t length)
{
    if (!offset || offset > zstd->out_at) {
        unpack_zstd_fail(zstd, "zstd: an offset to before the beginning");
        return;
    }
    if (length > zstd->room - zstd->out_at) {
        unpack_zstd_fail(zstd, "zstd: more than there is room for");
        return;
    }
    for (; length; length--, zstd->out_at++)
        zstd->out[zstd->out_at] = zstd->out[zstd->out_at - offset];
}

static uint32_t take_number(struct zstd_bits *bits,
                            const struct meaning *meaning)
{
    return meaning->base + unpack_zstd_take_bits(bits, meaning->bits);
}

static void run(struct zstd *zstd, struct zstd_bits *bits, unsigned count)
{
    unsigned length_state, offset_state, match_state;

    length_state = unpack_zstd_take_bits(bits, zstd->lengths.bits);
    offset_state = unpack_zstd_take_bits(bits, zstd->offsets.bits);
    match_state = unpack_zstd_take_bits(bits, zstd->matches.bits);
    while (count-- && !zstd->wrong) {
        unsigned offset_bits = zstd->offsets.states[offset_state].symbol;
        uint32_t value = (UINT32_C(1) << offset_bits) +
                         unpack_zstd_take_bits(bits, offset_bits);
        size_t match = take_number(
            bits, &match_codes[zstd->matches.states[match_state].symbol]);
        size_t literals = take_number(
            bits, &length_codes[zstd->lengths.states[length_state].symbol]);

        if (count) {
            length_state = zstd_take_state(bits, &zstd->lengths, length_state);
            match_state = zstd_take_state(bits, &zstd->matches, match_state);
            offset_state = zstd_take_state(bits, &zstd->offsets, offset_state);
        }
        if (bits->left < 0) {
            unpack_zstd_fail(zstd, "zstd: sequences that end too early");
            return;
        }
        copy_literals(zstd, literals);
        if (!zstd->wrong)
            copy_match(zstd, find_offset(zstd, value, literals), match);
    }
    if (bits->left)
        unpack_zstd_fail(zstd, "zstd: sequences of another length");
}

/* How many there are; 3.1.1.3.2.1. */
static unsigned take_count(struct zstd *zstd, struct zstd_input *input)
{
    unsigned first = input->left ? input->at[0] : 0;
    unsigned bytes = first < 128 ? 1 : first < 255 ? 2 : 3;
    const uint8_t *at = input->at;

    if (input->left < bytes) {
        unpack_zstd_fail(zstd, "zstd: sequences that end too early");
        return 0;
    }
    input->at += bytes;
    input->left -= bytes;
    if (bytes == 1)
        return first;
    if (bytes == 2)
        return (first - 128) << 8 | at[1];
    return at[1] + ((unsigned)at[2] << 8) + 0x7f00;
}

void unpack_zstd_sequences(struct zstd *zstd, struct zstd_input *input)
{
    unsigned count = take_count(zstd, input), modes;
    struct zstd_bits bits;

    if (zstd->wrong)
        return;
    if (count) {
        modes = input->left ? *input->at : 0;
        if (!input->left || modes & 3) {
            unpack_zstd_fail(zstd, "zstd: modes that are not known");
            return;
        }
        input->at++;
        input->left--;
        take_code(zstd, input, modes >> 6, &length_kind, &zstd->lengths);
        take_code(zstd, input, modes >> 4 & 3, &offset_kind, &zstd->offsets);
        take_code(zstd, input, modes >> 2 & 3, &match_kind, &zstd->matches);
        if (zstd->wrong ||
            !unpack_zstd_open_bits(zstd, &bits, input->at, input->left))
            return;
        run(zstd, &bits, count);
    } else if (input->left) {
        unpack_zstd_fail(zstd, "zstd: something follows no sequences");
    }
    if (!zstd->wrong)
        copy_literals(zstd, zstd->literal_count);
}
