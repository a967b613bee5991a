/* SPDX-License-Identifier: MIT */
/*
 * zstd: a block's literals, and the Huffman codes that they may have.
 *
 * Source: RFC 8878, 3.1.1.3.1 and 4.2.
 */
#include "zstd_coding.h"

enum {
    SYMBOLS = 256,
    WEIGHT_BITS = 6, /* of the states by which weights are coded */
};

/* Weights coded by FSE, by two states in turn. 4.2.1.2 */
static unsigned take_coded_weights(struct zstd *zstd, struct zstd_input input,
                                   uint8_t *weights)
{
    struct zstd_fse *fse = &zstd->weights;
    struct zstd_bits bits;
    unsigned states[2], n = 0;

    unpack_zstd_take_fse(zstd, &input, fse, ZSTD_HUFFMAN_BITS + 1, WEIGHT_BITS);
    if (zstd->wrong ||
        !unpack_zstd_open_bits(zstd, &bits, input.at, input.left))
        return 0;
    states[0] = unpack_zstd_take_bits(&bits, fse->bits);
    states[1] = unpack_zstd_take_bits(&bits, fse->bits);
    if (bits.left < 0)
        unpack_zstd_fail(zstd, "zstd: weights that end too early");
    while (bits.left >= 0 && n < SYMBOLS - 2) {
        unsigned *state = &states[n % 2];

        weights[n++] = fse->states[*state].symbol;
        *state = zstd_take_state(&bits, fse, *state);
    }
    /* More was taken than there is: the other state's is the last. */
    if (bits.left >= 0)
        unpack_zstd_fail(zstd, "zstd: too many weights");
    weights[n] = fse->states[states[n % 2]].symbol;
    return n + 1;
}

/* 4.2.1.1: how many weights; their input is behind 'input'. */
static unsigned take_weights(struct zstd *zstd, struct zstd_input *input,
                             uint8_t *weights)
{
    struct zstd_input mine;
    unsigned header = input->left ? *input->at : 0, count = header - 127;
    bool direct = header >= 128;

    mine.at = input->at + 1;
    mine.left = direct ? (count + 1) / 2 : header;
    if (!input->left || mine.left > input->left - 1) {
        unpack_zstd_fail(zstd, "zstd: weights that end too early");
        return 0;
    }
    input->at += 1 + mine.left;
    input->left -= 1 + mine.left;
    if (!direct)
        return take_coded_weights(zstd, mine, weights);
    for (unsigned i = 0; i < count; i++)
        weights[i] = i % 2 ? mine.at[i / 2] & 15 : mine.at[i / 2] >> 4;
    return count;
}

/*
 * 4.2.1.3: a weight is how many times 2 a symbol's share of all codes is. What
 * the last one has is not said: it is what is left.
 */
static void take_huffman(struct zstd *zstd, struct zstd_input *input)
{
    struct zstd_huffman *huffman = &zstd->huffman;
    uint8_t weights[SYMBOLS];
    unsigned count = take_weights(zstd, input, weights);
    unsigned sum = 0, bits, left, at = 0;

    for (unsigned i = 0; i < count; i++) {
        if (weights[i] > ZSTD_HUFFMAN_BITS)
            unpack_zstd_fail(zstd, "zstd: a weight that is too large");
        else if (weights[i])
            sum += 1u << (weights[i] - 1);
    }
    if (!sum)
        unpack_zstd_fail(zstd, "zstd: no weights");
    if (zstd->wrong)
        return;
    bits = 32 - (unsigned)__builtin_clz(sum);
    left = (1u << bits) - sum;
    if (bits > ZSTD_HUFFMAN_BITS || left & (left - 1)) {
        unpack_zstd_fail(zstd, "zstd: weights that cannot be");
        return;
    }
    weights[count++] = (uint8_t)(32 - __builtin_clz(left));
    for (unsigned weight = 1; weight <= bits; weight++) {
        for (unsigned i = 0; i < count; i++) {
            if (weights[i] != weight)
                continue;
            for (unsigned n = 1u << (weight - 1); n; n--, at++) {
                huffman->codes[at].symbol = (uint8_t)i;
                huffman->codes[at].bits = (uint8_t)(bits + 1 - weight);
            }
        }
    }
    huffman->bits = bits;
}

/* 4.2.2: it must end with the last bit. */
static void take_stream(struct zstd *zstd, const uint8_t *in, size_t size,
                        uint8_t *out, size_t count)
{
    const struct zstd_huffman *huffman = &zstd->huffman;
    struct zstd_bits bits;

    if (!unpack_zstd_open_bits(zstd, &bits, in, size))
        return;
    for (; count && bits.left > 0; count--) {
        unsigned code = unpack_zstd_take_bits(&bits, huffman->bits);

        *out++ = huffman->codes[code].symbol;
        /* What was taken too much is given back. */
        bits.left += (int)(huffman->bits - huffman->codes[code].bits);
    }
    if (bits.left || count)
        unpack_zstd_fail(zstd, "zstd: literals of another length");
}

/* Behind the code: one stream, or four with the lengths of three before. */
static void take_streams(struct zstd *zstd, struct zstd_input input, bool four)
{
    uint8_t *out = zstd->room_of_literals;
    size_t left = zstd->literal_count, each = (left + 3) / 4;
    size_t header = four ? 6 : 0;
    const uint8_t *sizes = input.at;

    if (header > input.left || (four && 3 * each > left)) {
        unpack_zstd_fail(zstd, "zstd: literals that end too early");
        return;
    }
    input.at += header;
    input.left -= header;
    for (unsigned i = 0; four && i < 3; i++) {
        size_t size = sizes[2 * i] | (size_t)sizes[2 * i + 1] << 8;

        if (size > input.left) {
            unpack_zstd_fail(zstd, "zstd: literals that end too early");
            return;
        }
        take_stream(zstd, input.at, size, out, each);
        input.at += size;
        input.left -= size;
        out += each;
        left -= each;
    }
    take_stream(zstd, input.at, input.left, out, left);
}

/* What a section's header says. */
struct section {
    enum { RAW, SAME, CODED, CODED_AS_BEFORE } type;
    bool four;
    size_t header, count, packed;
};

static struct section read_section(const struct zstd_input *input)
{
    unsigned first = input->left ? *input->at : 0;
    unsigned format = first >> 2 & 3;
    struct section section = { .type = first & 3 };
    uint64_t bits = 0;

    for (unsigned i = 0; i < 5 && i < input->left; i++)
        bits |= (uint64_t)input->at[i] << (8 * i);
    if (section.type < CODED) {
        section.header = format == 3 ? 3 : format == 1 ? 2 : 1;
        bits &= (UINT64_C(1) << (8 * section.header)) - 1;
        section.count = (size_t)(bits >> (format & 1 ? 4 : 3));
        section.packed = section.type == RAW ? section.count : 1;
    } else {
        unsigned width = format < 2 ? 10 : format == 2 ? 14 : 18;

        section.four = format;
        section.header = format < 2 ? 3 : format + 2;
        section.count = (size_t)(bits >> 4 & ((1u << width) - 1));
        section.packed = (size_t)(bits >> (4 + width) & ((1u << width) - 1));
    }
    return section;
}

static void take_coded(struct zstd *zstd, struct zstd_input input,
                       const struct section *section)
{
    if (section->type == CODED)
        take_huffman(zstd, &input);
    else if (!zstd->huffman.bits)
        unpack_zstd_fail(zstd, "zstd: a code as before, where none was");
    if (!zstd->wrong)
        take_streams(zstd, input, section->four);
}

void unpack_zstd_literals(struct zstd *zstd, struct zstd_input *input)
{
    struct section section = read_section(input);
    struct zstd_input mine;

    if (section.header > input->left ||
        section.packed > input->left - section.header) {
        unpack_zstd_fail(zstd, "zstd: literals that end too early");
        return;
    }
    if (section.count > ZSTD_BLOCK_BYTES) {
        unpack_zstd_fail(zstd, "zstd: more literals than a block may have");
        return;
    }
    mine = (struct zstd_input){ input->at + section.header, section.packed };
    input->at = mine.at + mine.left;
    input->left -= section.header + mine.left;
    zstd->literals = zstd->room_of_literals;
    zstd->literal_count = section.count;
    if (section.type == RAW)
        zstd->literals = mine.at;
    else if (section.type == SAME)
        __builtin_memset(zstd->room_of_literals, *mine.at, section.count);
    else
        take_coded(zstd, mine, &section);
}
