/* SPDX-License-Identifier: MIT */
/*
 * gzip files. The libraries that do this want a libc, and may keep no state in
 * a kernel's registers: this is the format and nothing else, one bit after the
 * other, compared with zlib by tests/fuzz/initrd_fuzz.c.
 *
 * Source: RFC 1952 (gzip), RFC 1951 (DEFLATE).
 */
#include "unpack.h"

#include <stdbool.h>

#include "crc32.h"

enum {
    MOST_BITS = 15,
    LITERALS = 288,
    DISTANCES = 30, /* codes 30 and 31 stand for nothing */
    LENGTH_CODES = 19,
    END_OF_BLOCK = 256,
};

/* A canonical code: how many codes have each length, and the symbols in order.
 */
struct code {
    uint16_t counts[MOST_BITS + 1];
    uint16_t symbols[LITERALS];
};

struct stream {
    const uint8_t *in;
    size_t in_bytes, in_at;
    uint32_t bits; /* taken from 'in', not used yet */
    unsigned bit_count;
    uint8_t *out; /* or NULL */
    size_t room, out_at;
    const char *wrong;
};

static unsigned fail(struct stream *s, const char *why)
{
    if (!s->wrong)
        s->wrong = why;
    return 0;
}

static unsigned take_bits(struct stream *s, unsigned count)
{
    unsigned value;

    while (s->bit_count < count) {
        if (s->in_at == s->in_bytes)
            return fail(s, "gzip: it ends too early");
        s->bits |= (uint32_t)s->in[s->in_at++] << s->bit_count;
        s->bit_count += 8;
    }
    value = s->bits & ((1u << count) - 1);
    s->bits >>= count;
    s->bit_count -= count;
    return value;
}

/* RFC 1951, 3.2.2. How many codes of 15 bits are left; -1: too many are wanted.
 */
static int make_code(struct code *code, const uint8_t *lengths, unsigned count)
{
    uint16_t next[MOST_BITS + 1];
    int left = 1;

    for (unsigned i = 0; i <= MOST_BITS; i++)
        code->counts[i] = 0;
    for (unsigned i = 0; i < count; i++)
        code->counts[lengths[i]]++;
    next[1] = 0;
    for (unsigned i = 1; i <= MOST_BITS; i++) {
        left = left * 2 - code->counts[i];
        if (left < 0)
            return -1;
        if (i < MOST_BITS)
            next[i + 1] = (uint16_t)(next[i] + code->counts[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        if (lengths[i])
            code->symbols[next[lengths[i]]++] = (uint16_t)i;
    }
    return left;
}

/* 3.2.7: what leaves codes over is a single one of one bit, or none at all. */
static bool make_data_code(struct code *code, const uint8_t *lengths,
                           unsigned count)
{
    int left = make_code(code, lengths, count);
    unsigned used = count - code->counts[0];

    return !left || !used || (used == 1 && code->counts[1] == 1);
}

static unsigned take_symbol(struct stream *s, const struct code *code)
{
    int value = 0, first = 0, index = 0;

    for (unsigned length = 1; length <= MOST_BITS; length++) {
        int count = code->counts[length];

        value |= (int)take_bits(s, 1);
        if (s->wrong)
            return 0;
        if (value - first < count)
            return code->symbols[index + value - first];
        index += count;
        first = (first + count) * 2;
        value *= 2;
    }
    return fail(s, "gzip: a code that stands for nothing");
}

static void put(struct stream *s, uint8_t byte)
{
    if (s->out) {
        if (s->out_at == s->room) {
            fail(s, "gzip: more than it said");
            return;
        }
        s->out[s->out_at] = byte;
    }
    s->out_at++;
}

/* RFC 1951, 3.2.5: length codes 257 to 285, distance codes 0 to 29. */
static const uint16_t length_base[] = { 3,   4,   5,   6,   7,  8,  9,  10,
                                        11,  13,  15,  17,  19, 23, 27, 31,
                                        35,  43,  51,  59,  67, 83, 99, 115,
                                        131, 163, 195, 227, 258 };
static const uint8_t length_bits[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                       1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                       4, 4, 4, 4, 5, 5, 5, 5, 0 };

static void copy(struct stream *s, unsigned symbol,
                 const struct code *distances)
{
    unsigned which = symbol - END_OF_BLOCK - 1;
    unsigned code, extra;
    size_t length, distance;

    if (which >= sizeof(length_bits)) {
        fail(s, "gzip: a length that does not exist");
        return;
    }
    length = length_base[which] + take_bits(s, length_bits[which]);
    code = take_symbol(s, distances);
    extra = code < 2 ? 0 : code / 2 - 1;
    distance =
        code < 2 ? code + 1
                 : ((size_t)(2 + code % 2) << extra) + 1 + take_bits(s, extra);
    if (distance > s->out_at)
        fail(s, "gzip: a distance to before the beginning");
    while (!s->wrong && length--)
        put(s, s->out ? s->out[s->out_at - distance] : 0);
}

static void compressed(struct stream *s, const struct code *literals,
                       const struct code *distances)
{
    while (!s->wrong) {
        unsigned symbol = take_symbol(s, literals);

        if (s->wrong || symbol == END_OF_BLOCK)
            return;
        if (symbol < END_OF_BLOCK)
            put(s, (uint8_t)symbol);
        else
            copy(s, symbol, distances);
    }
}

static void stored(struct stream *s)
{
    unsigned length, inverse;

    take_bits(s, s->bit_count % 8);
    length = take_bits(s, 16);
    inverse = take_bits(s, 16);
    if (length != (~inverse & 0xffff))
        fail(s, "gzip: the length of a stored block is damaged");
    while (!s->wrong && length--)
        put(s, (uint8_t)take_bits(s, 8));
}

/* RFC 1951, 3.2.6. */
static void fixed(struct stream *s)
{
    uint8_t lengths[LITERALS];
    struct code literals, distances;

    for (unsigned i = 0; i < LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&literals, lengths, LITERALS);
    for (unsigned i = 0; i < DISTANCES; i++)
        lengths[i] = 5;
    make_code(&distances, lengths, DISTANCES);
    compressed(s, &literals, &distances);
}

/* The lengths of both codes, themselves coded. RFC 1951, 3.2.7. */
static void take_lengths(struct stream *s, const struct code *code,
                         uint8_t *lengths, unsigned count)
{
    for (unsigned at = 0; at < count && !s->wrong;) {
        unsigned symbol = take_symbol(s, code);
        unsigned repeat = 1;
        uint8_t length = (uint8_t)symbol;

        if (symbol == 16) {
            if (!at) {
                fail(s, "gzip: nothing to repeat");
                return;
            }
            length = lengths[at - 1];
            repeat = 3 + take_bits(s, 2);
        } else if (symbol > 16) {
            length = 0;
            repeat = symbol == 17 ? 3 + take_bits(s, 3) : 11 + take_bits(s, 7);
        }
        if (repeat > count - at) {
            fail(s, "gzip: too many code lengths");
            return;
        }
        while (repeat--)
            lengths[at++] = length;
    }
}

static void dynamic(struct stream *s)
{
    static const uint8_t order[LENGTH_CODES] = { 16, 17, 18, 0,  8, 7,  9,
                                                 6,  10, 5,  11, 4, 12, 3,
                                                 13, 2,  14, 1,  15 };
    uint8_t lengths[LITERALS + 32] = { 0 };
    struct code literals, distances;
    unsigned literal_count = take_bits(s, 5) + 257;
    unsigned distance_count = take_bits(s, 5) + 1;
    unsigned length_count = take_bits(s, 4) + 4;

    if (literal_count > 286 || distance_count > DISTANCES) {
        fail(s, "gzip: too many codes");
        return;
    }
    for (unsigned i = 0; i < length_count; i++)
        lengths[order[i]] = (uint8_t)take_bits(s, 3);
    if (make_code(&literals, lengths, LENGTH_CODES))
        fail(s, "gzip: codes of code lengths that cannot be");
    take_lengths(s, &literals, lengths, literal_count + distance_count);
    if (s->wrong)
        return;
    if (!lengths[END_OF_BLOCK] ||
        !make_data_code(&literals, lengths, literal_count) ||
        !make_data_code(&distances, lengths + literal_count, distance_count)) {
        fail(s, "gzip: codes that cannot be");
        return;
    }
    compressed(s, &literals, &distances);
}

static void inflate(struct stream *s)
{
    bool last = false;

    while (!last && !s->wrong) {
        last = take_bits(s, 1);
        switch (take_bits(s, 2)) {
        case 0:
            stored(s);
            break;
        case 1:
            fixed(s);
            break;
        case 2:
            dynamic(s);
            break;
        default:
            fail(s, "gzip: a block of a kind that does not exist");
        }
    }
}

static uint32_t take_word(struct stream *s)
{
    uint32_t low = take_bits(s, 16);

    return low | (uint32_t)take_bits(s, 16) << 16;
}

/* RFC 1952, 2.3: what comes before the compressed data. */
static void take_header(struct stream *s)
{
    enum { CHECKSUM = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };
    unsigned flags;

    if (take_bits(s, 16) != 0x8b1f || take_bits(s, 8) != 8) {
        fail(s, "gzip: no header of DEFLATE's");
        return;
    }
    flags = take_bits(s, 8);
    if (flags & RESERVED)
        fail(s, "gzip: flags that are not known");
    for (unsigned i = 0; i < 6; i++) /* time, extra flags, system */
        take_bits(s, 8);
    if (flags & EXTRA) {
        for (unsigned left = take_bits(s, 16); left && !s->wrong; left--)
            take_bits(s, 8);
    }
    if (flags & NAME) {
        while (!s->wrong && take_bits(s, 8)) {
        }
    }
    if (flags & COMMENT) {
        while (!s->wrong && take_bits(s, 8)) {
        }
    }
    if (flags & CHECKSUM) {
        uint32_t crc = unpack_crc32(s->in, s->in_at);

        if (take_bits(s, 16) != (crc & 0xffff))
            fail(s, "gzip: the checksum of its header is another");
    }
}

const char *unpack_gzip(const uint8_t *in, size_t in_bytes, uint8_t *out,
                        size_t room, size_t *out_bytes)
{
    struct stream s = {
        .in = in,
        .in_bytes = in_bytes,
        .out = out,
        .room = room,
    };
    uint32_t crc, size;

    take_header(&s);
    if (!s.wrong)
        inflate(&s);
    take_bits(&s, s.bit_count % 8);
    crc = take_word(&s);
    size = take_word(&s);
    *out_bytes = s.out_at;
    if (s.wrong)
        return s.wrong;
    if (size != (uint32_t)s.out_at)
        return "gzip: another length than it says";
    if (out && crc != unpack_crc32(out, s.out_at))
        return "gzip: its checksum is another";
    return NULL;
}
