/* SPDX-License-Identifier: MIT */
/*
 * gzip: each kind of block gives what was packed, and what cannot be is refused
 * with the sentence that says why. That zlib would say the same of any bytes is
 * tests/fuzz/initrd_fuzz.c's to show.
 *
 * Source: RFC 1951 and 1952; the CRCs are zlib's.
 *
 * Tried, each fails here: make_data_code() with "left >= 0", or any single
 * code; too many codes of code lengths alone refused; repeat or literal_count
 * one more; symbol 16 at first; each check of a header, a trailer, a stored
 * block or a distance left out; room one more; 257 for 258.
 */
#include "pvtest.h"

#include "unpack.h"

static uint8_t file[512], out[512];
static size_t at, bit;

/* Numbers are stored from their lowest bit on. */
static void put(unsigned value, unsigned count)
{
    for (unsigned i = 0; i < count; i++, bit++) {
        file[at] |= (uint8_t)((value >> i & 1) << bit % 8);
        at += bit % 8 == 7;
    }
}

/* Codes from their highest. */
static void put_code(unsigned value, unsigned count)
{
    while (count--)
        put(value >> count & 1, 1);
}

static void to_byte(void)
{
    while (bit % 8)
        put(0, 1);
}

static void begin(unsigned flags)
{
    static const uint8_t header[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };

    memset(file, 0, sizeof(file));
    memcpy(file, header, sizeof(header));
    file[3] = (uint8_t)flags;
    at = sizeof(header);
    bit = 0;
}

static void end(uint32_t crc, uint32_t bytes)
{
    to_byte();
    put(crc & 0xffff, 16);
    put(crc >> 16, 16);
    put(bytes & 0xffff, 16);
    put(bytes >> 16, 16);
}

static const char *unpack_to(size_t room, size_t *out_bytes)
{
    const char *why;

    memset(out, 0xee, sizeof(out));
    why = unpack_gzip(file, at, out, room, out_bytes);
    return why ? why : "good";
}

static const char *unpack(void)
{
    size_t bytes;

    return unpack_to(sizeof(out), &bytes);
}

static void expect(const char *text, size_t bytes)
{
    size_t got = 0, counted = 0;

    EXPECT_STR("good", unpack_to(bytes, &got));
    EXPECT_EQ(bytes, got);
    EXPECT(!memcmp(out, text, bytes));
    EXPECT_EQ(0xee, out[bytes]);
    EXPECT(!unpack_gzip(file, at, NULL, 0, &counted));
    EXPECT_EQ(bytes, counted);
}

/* The last block, stored: "hi". */
static void put_hi(unsigned inverse)
{
    put(1, 1);
    put(0, 2);
    to_byte();
    put(2, 16);
    put(inverse, 16);
    put('h', 8);
    put('i', 8);
}

#define HI_CRC 0xd8932aacu

PVTEST(stored, "a stored block, its length twice")
{
    begin(0);
    put_hi(0xfffd);
    end(HI_CRC, 2);
    expect("hi", 2);
    begin(0);
    put_hi(0xfffc);
    end(HI_CRC, 2);
    EXPECT_STR("gzip: the length of a stored block is damaged", unpack());
}

/* "ababababa" by two literals and a copy; 'distance' is a code. */
static void put_fixed(unsigned distance)
{
    begin(0);
    put(1, 1);
    put(1, 2);
    put_code(0x30 + 'a', 8);
    put_code(0x30 + 'b', 8);
    put_code(5, 7); /* 261: 7 bytes */
    put_code(distance, 5);
    put_code(0, 7);
    end(0x46345706, 9);
}

PVTEST(fixed, "the fixed codes; a copy that overlaps itself")
{
    put_fixed(1); /* distance 2 */
    expect("ababababa", 9);
    put_fixed(2);
    EXPECT_STR("gzip: a distance to before the beginning", unpack());
    put_fixed(30);
    EXPECT_STR("gzip: a code that stands for nothing", unpack());
    begin(0);
    put(1, 1);
    put(1, 2);
    put_code(0xc0 + 286 - 280, 8);
    end(0, 0);
    EXPECT_STR("gzip: a length that does not exist", unpack());
}

/* 'count' lengths of 0: symbol 18, whose code is 0. */
static void put_zeros(unsigned count)
{
    put_code(0, 1);
    put(count - 11, 7);
}

/* The code for the length 1 is 10, for 2 it is 11. */
static void put_length(unsigned length)
{
    put_code(length + 1, 2);
}

/* Of symbol 18 in the code of lengths, then of 'a', 256, 285, distance 1. */
struct lengths {
    unsigned zeros, a, end, longest, distance;
};

/* 'a', 258 times what is one before, the end: with true lengths, it is that. */
static void put_dynamic(struct lengths lengths)
{
    begin(0);
    put(1, 1);
    put(2, 2);
    put(286 - 257, 5);
    put(0, 5);
    put(18 - 4, 4); /* of 16, 17, 18, 0, 8, ..., 2, 14, 1 */
    for (unsigned i = 0; i < 18; i++)
        put(i == 2 ? lengths.zeros : i == 15 || i == 17 ? 2 : 0, 3);
    put_zeros('a');
    put_length(lengths.a);
    put_zeros(138);
    put_zeros(256 - 'a' - 1 - 138);
    if (lengths.end)
        put_length(lengths.end);
    else
        put_zeros(11);
    put_zeros(28);
    put_length(lengths.longest);
    put_length(lengths.distance);
    put_code(0, 1);
    put_code(3, 2);
    put_code(0, 1);
    put_code(2, 2);
    end(0x34c2fa56, 259);
}

PVTEST(dynamic, "codes of its own; a single distance has one bit")
{
    char text[259];

    memset(text, 'a', sizeof(text));
    put_dynamic((struct lengths){ 1, 1, 2, 2, 1 });
    expect(text, sizeof(text));
}

PVTEST(codes_that_cannot_be, "too many codes, or codes left over")
{
    static const struct {
        struct lengths lengths;
        const char *why;
    } rows[] = {
        { { 2, 1, 2, 2, 1 }, "gzip: codes of code lengths that cannot be" },
        { { 0, 1, 2, 2, 1 }, "gzip: codes of code lengths that cannot be" },
        { { 1, 2, 2, 2, 1 }, "gzip: codes that cannot be" },
        { { 1, 1, 1, 2, 1 }, "gzip: codes that cannot be" },
        { { 1, 1, 2, 2, 2 }, "gzip: codes that cannot be" },
        { { 1, 1, 0, 2, 1 }, "gzip: too many code lengths" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_dynamic(rows[i].lengths);
        EXPECT_STR(rows[i].why, unpack());
    }
}

/* Codes for 16 (0) and 18 (1) only: of 'literals' lengths, and one distance. */
static void begin_lengths(unsigned literals)
{
    begin(0);
    put(1, 1);
    put(2, 2);
    put(literals - 257, 5);
    put(0, 5);
    put(0, 4);
    put(1, 3);
    put(0, 3);
    put(1, 3);
    put(0, 3);
}

PVTEST(lengths, "as many as were said, and nothing to repeat at first")
{
    begin_lengths(257);
    put_code(0, 1);
    end(0, 0);
    EXPECT_STR("gzip: nothing to repeat", unpack());
    for (unsigned more = 0; more < 2; more++) {
        begin_lengths(257);
        put_code(1, 1);
        put(138 - 11, 7);
        put_code(1, 1);
        put(120 + more - 11, 7);
        end(0, 0);
        EXPECT_STR(more ? "gzip: too many code lengths"
                        : "gzip: codes that cannot be",
                   unpack());
    }
    begin_lengths(287);
    end(0, 0);
    EXPECT_STR("gzip: too many codes", unpack());
}

/* Extra bytes, name, comment; 'crc' of it all, as far as it is stored. */
static void put_header(unsigned crc)
{
    static const uint8_t rest[] = { 2, 0, 'x', 'y', 'n', 0, 'c', 0 };

    begin(2 | 4 | 8 | 16);
    for (size_t i = 0; i < sizeof(rest); i++)
        put(rest[i], 8);
    put(crc, 16);
    put_hi(0xfffd);
    end(HI_CRC, 2);
}

#define HEADER_CRC 0x7e44u

PVTEST(header, "all that it may have, checked if it has a checksum")
{
    put_header(HEADER_CRC);
    expect("hi", 2);
    put_header(HEADER_CRC ^ 0x8000);
    EXPECT_STR("gzip: the checksum of its header is another", unpack());
    put_header(HEADER_CRC);
    file[3] |= 0x20;
    EXPECT_STR("gzip: flags that are not known", unpack());
    file[2] = 7;
    EXPECT_STR("gzip: no header of DEFLATE's", unpack());
}

PVTEST(trailer, "length and checksum of what came out")
{
    size_t bytes = 77;

    begin(0);
    put_hi(0xfffd);
    end(HI_CRC ^ 1, 2);
    EXPECT_STR("gzip: its checksum is another", unpack());
    begin(0);
    put_hi(0xfffd);
    end(HI_CRC, 0x10002);
    EXPECT_STR("gzip: another length than it says", unpack());
    begin(0);
    put_hi(0xfffd);
    end(HI_CRC, 2);
    EXPECT_STR("gzip: more than it said", unpack_to(1, &bytes));
    EXPECT_EQ(0xee, out[1]);
    EXPECT_EQ(1, bytes);
    while (at) {
        at--;
        EXPECT_STR("gzip: it ends too early", unpack());
    }
}

PVTEST(no_such_block, "the fourth kind of block does not exist")
{
    begin(0);
    put(1, 1);
    put(3, 2);
    end(0, 0);
    EXPECT_STR("gzip: a block of a kind that does not exist", unpack());
}
