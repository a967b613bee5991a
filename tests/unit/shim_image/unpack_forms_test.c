/* SPDX-License-Identifier: MIT */
/*
 * unpack: forms that the real programs seldom or never make, by hand.
 *
 * Sources: RFC 8878; The .xz File Format, 1.1.0; XZ Utils 5.4,
 *          liblzma/lzma/lzma2_decoder.c (what a chunk may begin with).
 *
 * Tried, each fails here or in unpack_test.c: the x86 filter's rule without
 * "several", without the byte looked at, with one opcode remembered only; a
 * chunk that relies on nothing taken; the dictionary not begun anew by a chunk
 * of LZMA; what of zstd's bounds and rules is named in the rows below.
 */
#include "packing.h"
#include "xz_wrap.h"

#include <stdlib.h>
#include <string.h>

#include "base/dirs.h"

static void expect(const char *format, const uint8_t *in, size_t in_bytes,
                   const void *wanted, size_t wanted_bytes)
{
    struct bytes file = { (uint8_t *)(uintptr_t)in, in_bytes };
    const char *why;
    struct bytes got = packing_undo_copy(format, &file, wanted_bytes, &why);

    if (why)
        fail_msg("refused: %s", why);
    assert_int_equal(wanted_bytes, got.size);
    assert_memory_equal(wanted, got.data, wanted_bytes);
    free(got.data);
}

static void expect_refusal(const char *format, const uint8_t *in,
                           size_t in_bytes, const char *sentence)
{
    struct bytes file = { (uint8_t *)(uintptr_t)in, in_bytes };
    const char *why;
    struct bytes got = packing_undo_copy(format, &file, 4096, &why);

    assert_non_null(why);
    assert_string_equal(sentence, why);
    free(got.data);
}

/* A frame of one segment, whose only block has this content. */
static size_t zstd_frame(uint8_t *file, const uint8_t *block, size_t size,
                         unsigned unpacked)
{
    static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

    memcpy(file, magic, 4);
    file[4] = 0x20;
    file[5] = (uint8_t)unpacked;
    file[6] = (uint8_t)(1 | 2 << 1 | size << 3);
    file[7] = (uint8_t)(size >> 5);
    file[8] = 0;
    memcpy(file + 9, block, size);
    return 9 + size;
}

static void zstd_literals(void **state)
{
    /* Five times the same; no sequences. */
    static const uint8_t same[] = { 5 << 3 | 1, 'x', 0 };
    /*
     * Weights as they are: 2 of symbol 0, 1 of symbol 1, and what is left of 2.
     * Codes 1, 00, 01; the mark, then those of 0, 1, 2, 0.
     */
    static const uint8_t direct[] = { 0x42, 0xc0, 0, 129, 0x21, 0x63, 0 };
    static const uint8_t four[] = { 0x46, 0, 3, 129, 0x21, 1, 0, 1,
                                    0,    1, 0, 3,   3,    3, 3, 0 };
    static const uint8_t direct_is[] = { 0, 1, 2, 0 };
    uint8_t file[64], block[sizeof(direct)];
    size_t size;

    (void)state;
    size = zstd_frame(file, same, sizeof(same), 5);
    expect("zstd", file, size, "xxxxx", 5);
    file[5] = 6;
    expect_refusal("zstd", file, size, "zstd: another length than it says");
    size = zstd_frame(file, direct, sizeof(direct), 4);
    expect("zstd", file, size, direct_is, 4);

    /* One literal more than codes, and one less. */
    memcpy(block, direct, sizeof(block));
    block[0] = 0x52;
    size = zstd_frame(file, block, sizeof(block), 5);
    expect_refusal("zstd", file, size, "zstd: literals of another length");
    block[0] = 0x32;
    size = zstd_frame(file, block, sizeof(block), 3);
    expect_refusal("zstd", file, size, "zstd: literals of another length");
    block[0] = 0x43;
    size = zstd_frame(file, block, sizeof(block), 4);
    expect_refusal("zstd", file, size,
                   "zstd: a code as before, where none was");
    /* Four streams of one literal each; of two in all, the fourth has none. */
    size = zstd_frame(file, four, sizeof(four), 4);
    expect("zstd", file, size, "\0\0\0\0", 4);
    file[9] = 0x26;
    expect_refusal("zstd", file, size, "zstd: literals that end too early");
    /* What is left is no power of 2; nothing; more bits than there may be. */
    memcpy(block, direct, sizeof(block));
    block[3] = 130;
    block[4] = 0x31;
    size = zstd_frame(file, block, sizeof(block), 4);
    expect_refusal("zstd", file, size, "zstd: weights that cannot be");
    block[3] = 128;
    block[4] = 0;
    size = zstd_frame(file, block, sizeof(block), 4);
    expect_refusal("zstd", file, size, "zstd: no weights");
    block[4] = 0xc0;
    size = zstd_frame(file, block, sizeof(block), 4);
    expect_refusal("zstd", file, size, "zstd: a weight that is too large");
}

/*
 * One sequence by three codes of one symbol each: 2 literals, then 6 bytes from
 * 2 before. The offset's value is 4 + 1: its bits are 01, behind the mark.
 */
static void zstd_sequences(void **state)
{
    static const uint8_t whole[] = {
        3 << 3, 'a', 'b', 'c', 1, 0x54, 2, 2, 3, 5
    };
    static const struct {
        size_t at;
        uint8_t value;
        const char *sentence;
    } rows[] = {
        { 9, 6, "zstd: an offset to before the beginning" },
        { 6, 4, "zstd: more literals than there are" },
        { 6, 36, "zstd: a symbol that does not exist" },
        { 7, 32, "zstd: a symbol that does not exist" },
        { 8, 53, "zstd: a symbol that does not exist" },
        { 7, 0, "zstd: sequences of another length" },
        { 7, 3, "zstd: sequences that end too early" },
        { 5, 0x55, "zstd: modes that are not known" },
        { 5, 0xd4, "zstd: a code as before, where none was" },
        { 9, 0, "zstd: bits without the mark at their end" },
        { 4, 0, "zstd: something follows no sequences" },
    };
    uint8_t file[64], block[sizeof(whole)];
    size_t size;

    (void)state;
    size = zstd_frame(file, whole, sizeof(whole), 9);
    expect("zstd", file, size, "abababababc" + 2, 9);
    for (size_t i = 0; i < COUNT(rows); i++) {
        memcpy(block, whole, sizeof(block));
        block[rows[i].at] = rows[i].value;
        size = zstd_frame(file, block, sizeof(block), 9);
        expect_refusal("zstd", file, size, rows[i].sentence);
    }
    /* A dictionary; a block of the fourth kind; another file behind it. */
    size = zstd_frame(file, whole, sizeof(whole), 9);
    expect_refusal("zstd", file, size + 1, "zstd: something follows it");
    file[6] |= 3 << 1;
    expect_refusal("zstd", file, size,
                   "zstd: a block of a kind that does not exist");
    file[4] |= 1;
    expect_refusal("zstd", file, size, "zstd: it wants a dictionary");
}

/*
 * 0x7f05 sequences without a literal, each of 3 bytes from the offset before
 * the last: 4 and 1 in turn, since the two change places.
 */
static void zstd_many_sequences(void **state)
{
    static const uint8_t file[] = {
        0x28, 0xb5, 0x2f, 0xfd, 0, 0x58,
        /* 4 bytes as they are */
        4 << 3, 0, 0, 'a', 'b', 'c', 'd',
        /* no literals, the number, one code of each kind, the mark */
        9 << 3 | 2 << 1 | 1, 0, 0, 0, 255, 5, 0, 0x54, 0, 0, 0, 1
    };
    enum { SEQUENCES = 0x7f05, BYTES = 4 + 3 * SEQUENCES };
    uint8_t *plain = malloc(BYTES);

    (void)state;
    assert_non_null(plain);
    memcpy(plain, "abcd", 4);
    for (unsigned at = 4; at < BYTES; at++)
        plain[at] = plain[at - ((at - 4) / 3 % 2 ? 1 : 4)];
    expect("zstd", file, sizeof(file), plain, BYTES);
    free(plain);
}

/* Counts of 0, again and again, until there are more than symbols. */
static void zstd_codes(void **state)
{
    static const uint8_t zeroes[] = { 0,    1,    0x94, 0x10, 0xfe, 0xff,
                                      0xff, 0xff, 0,    0,    1 };
    static const uint8_t cut[] = { 0, 1, 0x94, 0x10, 0xfe };
    static const uint8_t large[] = { 0, 1, 0x94, 5, 0, 0, 0, 0, 0 };
    uint8_t file[64];
    size_t size;

    (void)state;
    size = zstd_frame(file, zeroes, sizeof(zeroes), 4);
    expect_refusal("zstd", file, size, "zstd: a code of too many symbols");
    size = zstd_frame(file, cut, sizeof(cut), 4);
    expect_refusal("zstd", file, size, "zstd: a code that is not whole");
    size = zstd_frame(file, large, sizeof(large), 4);
    expect_refusal("zstd", file, size, "zstd: a code of too many states");
    /* And a block of 128 KiB and one byte. */
    memcpy(file + 6, "\x09\0\x10", 3);
    expect_refusal("zstd", file, size, "zstd: a block that is too large");
}

/* LZMA2 of the content, by xz. */
static struct bytes raw(enum content content, const char *options)
{
    struct bytes plain = packing_content(content), packed;
    char command[80] = "xz --format=raw --lzma2=dict=1MiB,";

    plain.size -= plain.size % 16 == 0; /* so that places count */
    strcat(command, options);
    packed = packing_run(command, &plain);
    free(plain.data);
    return packed;
}

/*
 * One stream of chunks behind another, whose dictionary begins anew: by a chunk
 * of LZMA, and by one that is not packed. (That a later one may not reach back
 * before the latter only liblzma says, in tests/fuzz/unpack_fuzz.c: for a file
 * that is good it makes no difference.)
 */
static void xz_dictionaries(void **state)
{
    static const enum content seconds[] = { CODE, RANDOM };

    (void)state;
    for (size_t i = 0; i < COUNT(seconds); i++) {
        struct bytes first = raw(TEXT, "lc=2,lp=2,pb=4");
        struct bytes second = raw(seconds[i], "lc=2,lp=2,pb=4");
        struct bytes text = packing_content(TEXT);
        struct bytes other = packing_content(seconds[i]);
        uint8_t *both = malloc(first.size + second.size);
        uint8_t *file = malloc(first.size + second.size + XZ_WRAP_BYTES);
        uint8_t *plain = malloc(text.size + other.size);
        size_t size, unpacked;

        assert_true(both && file && plain);
        assert_int_equal(seconds[i] == CODE ? 0xe0 : 1,
                         second.data[0] & ~0x1f ? second.data[0] & ~0x1f
                                                : second.data[0]);
        text.size -= text.size % 16 == 0;
        other.size -= other.size % 16 == 0;
        memcpy(plain, text.data, text.size);
        memcpy(plain + text.size, other.data, other.size);
        unpacked = text.size + other.size;
        /* Without the first one's end. */
        memcpy(both, first.data, first.size - 1);
        memcpy(both + first.size - 1, second.data, second.size);
        size =
            xz_wrap(both, first.size - 1 + second.size, unpacked, false, file);
        expect("xz", file, size, plain, unpacked);
        free(first.data);
        free(second.data);
        free(text.data);
        free(other.data);
        free(both);
        free(file);
        free(plain);
    }
    dirs_remove_temp();
}

static void xz_chunks(void **state)
{
    static const struct {
        uint8_t bytes[12], size;
        const char *sentence; /* NULL: "ab" */
    } rows[] = {
        { { 1, 0, 1, 'a', 'b', 0 }, 6, NULL },
        { { 1, 0, 0, 'a', 2, 0, 0, 'b', 0 }, 9, NULL },
        { { 2, 0, 1, 'a', 'b', 0 },
          6,
          "xz: a chunk of a kind that cannot be here" },
        { { 3, 0, 1, 'a', 'b', 0 },
          6,
          "xz: a chunk of a kind that cannot be here" },
        { { 0x80, 0, 1, 0, 5, 0 },
          9,
          "xz: a chunk relies on one that was not there" },
        { { 0xa0, 0, 1, 0, 5, 0 },
          9,
          "xz: a chunk relies on one that was not there" },
        { { 0xc0, 0, 1, 0, 5, 0x5d },
          9,
          "xz: a chunk relies on one that was not there" },
        { { 1, 0, 0, 'a', 0xa0, 0, 0, 0, 4 },
          12,
          "xz: a chunk relies on one that was not there" },
        { { 0xe0, 0, 1, 0, 5, 225 },
          12,
          "xz: properties of LZMA that cannot be" },
        { { 0xe0, 0, 1, 0, 5, 0x5d, 1 },
          12,
          "lzma: its data do not begin with 0" },
        { { 1, 0, 9, 'a', 'b', 0 }, 6, "xz: more than there is room for" },
    };
    uint8_t file[XZ_WRAP_BYTES + 16];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t size = xz_wrap(rows[i].bytes, rows[i].size, 2, false, file);
        struct bytes whole = { file, size }, got;
        const char *why;

        got = packing_undo_copy("xz", &whole, 2, &why);
        if (rows[i].sentence) {
            assert_non_null(why);
            assert_string_equal(rows[i].sentence, why);
        } else {
            assert_null(why);
            assert_memory_equal("ab", got.data, 2);
        }
        free(got.data);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(zstd_literals),       cmocka_unit_test(zstd_sequences),
        cmocka_unit_test(zstd_many_sequences), cmocka_unit_test(zstd_codes),
        cmocka_unit_test(xz_dictionaries),     cmocka_unit_test(xz_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
