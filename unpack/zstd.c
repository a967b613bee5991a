/* SPDX-License-Identifier: MIT */
/*
 * zstd files: one frame, without a dictionary of others.
 *
 * Source: RFC 8878, 3.1.1.
 */
#include "unpack.h"
#include "xxh64.h"
#include "zstd_coding.h"

_Static_assert(sizeof(struct zstd) <= sizeof(struct unpack_work), "work");

struct frame {
    uint64_t bytes; /* UINT64_MAX: it does not say */
    bool has_sum;
};

static const uint8_t *take(struct zstd *zstd, struct zstd_input *input,
                           size_t count)
{
    static const uint8_t nothing[8];
    const uint8_t *at = input->at;

    if (count > input->left) {
        unpack_zstd_fail(zstd, "zstd: it ends too early");
        return nothing;
    }
    input->at += count;
    input->left -= count;
    return at;
}

/* Of up to 8 bytes. */
static uint64_t take_number(struct zstd *zstd, struct zstd_input *input,
                            unsigned bytes)
{
    const uint8_t *at = take(zstd, input, bytes);
    uint64_t number = 0;

    for (unsigned i = bytes; i--;)
        number = number << 8 | at[i];
    return number;
}

/*
 * 3.1.1.1. The window is of no interest, because all of the output is at hand.
 */
static struct frame take_header(struct zstd *zstd, struct zstd_input *input)
{
    static const uint8_t bytes_of_size[4] = { 0, 2, 4, 8 };
    static const uint8_t bytes_of_dictionary[4] = { 0, 1, 2, 4 };
    enum { DICTIONARY = 3, SUM = 4, RESERVED = 8, SINGLE = 0x20 };
    struct frame frame = { .bytes = UINT64_MAX };
    unsigned flags, bytes;

    if (take_number(zstd, input, 4) != 0xfd2fb528)
        unpack_zstd_fail(zstd, "zstd: no header of its own");
    flags = (unsigned)take_number(zstd, input, 1);
    if (flags & RESERVED)
        unpack_zstd_fail(zstd, "zstd: flags that are not known");
    if (!(flags & SINGLE))
        take(zstd, input, 1);
    if (take_number(zstd, input, bytes_of_dictionary[flags & DICTIONARY]))
        unpack_zstd_fail(zstd, "zstd: it wants a dictionary");
    bytes = bytes_of_size[flags >> 6];
    if (!bytes && flags & SINGLE)
        bytes = 1;
    if (bytes)
        frame.bytes = take_number(zstd, input, bytes) + (bytes == 2 ? 256 : 0);
    frame.has_sum = flags & SUM;
    return frame;
}

static void put(struct zstd *zstd, const uint8_t *bytes, size_t count,
                bool same)
{
    if (count > zstd->room - zstd->out_at) {
        unpack_zstd_fail(zstd, "zstd: more than there is room for");
        return;
    }
    for (size_t i = 0; i < count; i++)
        zstd->out[zstd->out_at++] = bytes[same ? 0 : i];
}

/* 3.1.1.2. True: it was the last. */
static bool take_block(struct zstd *zstd, struct zstd_input *input)
{
    enum { RAW, SAME, PACKED };
    unsigned header = (unsigned)take_number(zstd, input, 3);
    unsigned type = header >> 1 & 3, size = header >> 3;
    struct zstd_input block = { NULL, type == SAME ? 1 : size };
    size_t begin = zstd->out_at;

    if (size > ZSTD_BLOCK_BYTES)
        unpack_zstd_fail(zstd, "zstd: a block that is too large");
    block.at = take(zstd, input, block.left);
    if (zstd->wrong)
        return true;
    if (type == RAW || type == SAME) {
        put(zstd, block.at, size, type == SAME);
    } else if (type == PACKED) {
        unpack_zstd_literals(zstd, &block);
        if (!zstd->wrong)
            unpack_zstd_sequences(zstd, &block);
    } else {
        unpack_zstd_fail(zstd, "zstd: a block of a kind that does not exist");
    }
    if (zstd->out_at - begin > ZSTD_BLOCK_BYTES)
        unpack_zstd_fail(zstd, "zstd: a block that is too large");
    return header & 1;
}

const char *unpack_zstd(struct unpack_work *work, const uint8_t *in,
                        size_t in_bytes, uint8_t *out, size_t room,
                        size_t *out_bytes)
{
    struct zstd *zstd = (struct zstd *)work;
    struct zstd_input input = { in, in_bytes };
    struct frame frame;

    zstd->out = out;
    zstd->out_at = 0;
    zstd->room = room;
    zstd->repeats[0] = 1;
    zstd->repeats[1] = 4;
    zstd->repeats[2] = 8;
    zstd->wrong = NULL;
    zstd->lengths.is_set = zstd->offsets.is_set = zstd->matches.is_set = false;
    zstd->huffman.bits = 0;
    frame = take_header(zstd, &input);
    while (!zstd->wrong && !take_block(zstd, &input)) {
    }
    *out_bytes = zstd->out_at;
    if (!zstd->wrong && frame.bytes != UINT64_MAX &&
        frame.bytes != zstd->out_at)
        unpack_zstd_fail(zstd, "zstd: another length than it says");
    if (!zstd->wrong && frame.has_sum &&
        take_number(zstd, &input, 4) !=
            (uint32_t)unpack_xxh64(out, zstd->out_at))
        unpack_zstd_fail(zstd, "zstd: the sum of what is in it is another");
    if (input.left)
        unpack_zstd_fail(zstd, "zstd: something follows it");
    return zstd->wrong;
}
