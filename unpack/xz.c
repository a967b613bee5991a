/* SPDX-License-Identifier: MIT */
/*
 * xz files: header, blocks of LZMA2, index, footer. Each part is compared with
 * the others, and each sum with what it is of.
 *
 * Source: The .xz File Format, 1.1.0; LZMA2, which it does not describe: XZ
 *         Utils 5.4, liblzma/lzma/lzma2_decoder.c.
 */
#include "crc32.h"
#include "lzma_coding.h"
#include "unpack.h"
#include "x86_filter.h"

enum {
    HEADER_BYTES = 12, /* of the footer as well */
    CHECK_NONE = 0,
    CHECK_CRC32 = 1,
    FILTER_X86 = 4,
    FILTER_LZMA2 = 0x21,
    NUMBER_BYTES = 9, /* at most */
};

struct xz {
    const uint8_t *in;
    size_t in_bytes, at;
    uint8_t *out;
    size_t room, out_at;
    unsigned check;
    /* Of all blocks; the index must say the same. */
    uint64_t blocks, packed, unpacked;
    const char *wrong;
};

/* What a block's header says. */
struct block {
    bool x86;
    uint32_t x86_start;
    uint64_t packed, unpacked; /* UINT64_MAX: it does not say */
};

static void fail(struct xz *xz, const char *why)
{
    if (!xz->wrong)
        xz->wrong = why;
}

static unsigned take(struct xz *xz)
{
    if (xz->at == xz->in_bytes) {
        fail(xz, "xz: it ends too early");
        return 0;
    }
    return xz->in[xz->at++];
}

static uint32_t take_word(struct xz *xz)
{
    uint32_t word = 0;

    for (unsigned i = 0; i < 32; i += 8)
        word |= (uint32_t)take(xz) << i;
    return word;
}

/* 1.2: 7 bits a byte, the lowest first. */
static uint64_t take_number(struct xz *xz)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < NUMBER_BYTES; i++) {
        unsigned byte = take(xz);

        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            if (!byte && i)
                fail(xz, "xz: a number is longer than it must be");
            return number;
        }
    }
    fail(xz, "xz: a number of more than 63 bits");
    return 0;
}

/* Zeroes up to a multiple of 4 bytes from 'from' on. */
static void take_padding(struct xz *xz, size_t from)
{
    while (!xz->wrong && (xz->at - from) % 4) {
        if (take(xz))
            fail(xz, "xz: padding that is not 0");
    }
}

/* The sum of what was taken from 'from' on. */
static void take_sum(struct xz *xz, size_t from, const char *why)
{
    uint32_t sum;

    if (xz->wrong)
        return;
    sum = unpack_crc32(xz->in + from, xz->at - from);
    if (take_word(xz) != sum)
        fail(xz, why);
}

/* 2.1.1 */
static void take_header(struct xz *xz)
{
    static const uint8_t magic[6] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

    for (unsigned i = 0; i < sizeof(magic); i++) {
        if (take(xz) != magic[i])
            fail(xz, "xz: no header of its own");
    }
    if (take(xz))
        fail(xz, "xz: flags that are not known");
    xz->check = take(xz);
    take_sum(xz, sizeof(magic), "xz: the sum of its header is another");
    if (xz->check != CHECK_NONE && xz->check != CHECK_CRC32)
        fail(xz, "xz: its check is neither none nor CRC32");
}

/* 5.3.2: without properties it starts at 0. */
static void take_x86_filter(struct xz *xz, struct block *block)
{
    uint64_t bytes = take_number(xz);

    block->x86 = true;
    if (bytes == 4)
        block->x86_start = take_word(xz);
    else if (bytes)
        fail(xz, "xz: properties of the x86 filter that are not known");
}

/*
 * 5.3.1: the size of the dictionary is not of interest, because all of the
 * output is at hand.
 */
static void take_lzma2_filter(struct xz *xz)
{
    if (take_number(xz) != 1 || take(xz) > 40)
        fail(xz, "xz: properties of LZMA2 that are not known");
}

/* 3.1 */
static struct block take_block_header(struct xz *xz)
{
    enum { FILTERS = 3, RESERVED = 0x3c, PACKED = 0x40, UNPACKED = 0x80 };
    struct block block = { .packed = UINT64_MAX, .unpacked = UINT64_MAX };
    size_t from = xz->at;
    size_t bytes = (size_t)take(xz) * 4;
    unsigned flags = take(xz);

    if (flags & RESERVED)
        fail(xz, "xz: flags of a block that are not known");
    if (flags & PACKED)
        block.packed = take_number(xz);
    if (flags & UNPACKED)
        block.unpacked = take_number(xz);
    for (unsigned i = flags & FILTERS; i && !xz->wrong; i--) {
        if (block.x86 || take_number(xz) != FILTER_X86)
            fail(xz, "xz: a filter other than x86's and LZMA2");
        else
            take_x86_filter(xz, &block);
    }
    if (take_number(xz) != FILTER_LZMA2)
        fail(xz, "xz: a filter other than x86's and LZMA2");
    take_lzma2_filter(xz);
    while (!xz->wrong && xz->at < from + bytes) {
        if (take(xz))
            fail(xz, "xz: padding that is not 0");
    }
    if (xz->at != from + bytes)
        fail(xz, "xz: a block's header is longer than it says");
    take_sum(xz, from, "xz: the sum of a block's header is another");
    return block;
}

/* A chunk as it is; its size has been taken. */
static void copy_chunk(struct xz *xz, struct lzma *lzma, size_t bytes)
{
    if (bytes > lzma->in_end - lzma->in_at) {
        fail(xz, "xz: its data end too early");
        return;
    }
    while (bytes--)
        lzma->out[lzma->at++] = lzma->in[lzma->in_at++];
}

static void run_chunk(struct xz *xz, struct lzma *lzma, size_t end,
                      size_t packed)
{
    size_t in_end = lzma->in_end;

    if (packed > in_end - lzma->in_at) {
        fail(xz, "xz: its data end too early");
        return;
    }
    lzma->in_end = lzma->in_at + packed;
    unpack_lzma_begin(lzma);
    if (unpack_lzma_run(lzma, end) || lzma->wrong || lzma->at != end ||
        !unpack_lzma_finished(lzma))
        fail(xz, lzma->wrong ? lzma->wrong : "xz: a chunk's end is damaged");
    lzma->in_end = in_end;
}

/* What a chunk may rely on. */
struct chunks {
    bool dictionary, properties, state;
};

/* The control byte of LZMA's chunks, from 0x80 on: what begins anew. */
static void prepare(struct xz *xz, struct lzma *lzma, unsigned control,
                    struct chunks *known)
{
    unsigned reset = control >> 5 & 3; /* nothing, state, properties, all */
    unsigned properties = 0;

    if (reset == 3) {
        known->dictionary = true;
        lzma->begin = lzma->at;
    }
    if (reset >= 2) {
        if (lzma->in_at < lzma->in_end)
            properties = lzma->in[lzma->in_at++];
        if (!unpack_lzma_set(lzma, properties))
            fail(xz, "xz: properties of LZMA that cannot be");
        known->properties = true;
    }
    if (reset && known->properties) {
        unpack_lzma_reset(lzma);
        known->state = true;
    }
    if (!known->dictionary || !known->properties || !known->state)
        fail(xz, "xz: a chunk relies on one that was not there");
}

static unsigned take_16(struct lzma *lzma)
{
    unsigned high = lzma->in[lzma->in_at++];

    return high << 8 | lzma->in[lzma->in_at++];
}

/* From 'from' on; xz->at is behind it then. */
static void take_chunks(struct xz *xz, struct lzma *lzma)
{
    struct chunks known = { 0 };

    while (!xz->wrong) {
        unsigned control = 0;
        size_t bytes, packed = 0;

        if (lzma->in_at < lzma->in_end) {
            control = lzma->in[lzma->in_at++];
            if (!control)
                return;
        }
        if (lzma->in_end - lzma->in_at < (control >= 0x80 ? 4 : 2)) {
            fail(xz, "xz: its data end too early");
            return;
        }
        bytes = take_16(lzma) + 1;
        if (control >= 0x80) {
            bytes += (size_t)(control & 0x1f) << 16;
            packed = take_16(lzma) + 1;
        }
        if (bytes > xz->room - lzma->at) {
            fail(xz, "xz: more than there is room for");
        } else if (control >= 0x80) {
            prepare(xz, lzma, control, &known);
            if (!xz->wrong)
                run_chunk(xz, lzma, lzma->at + bytes, packed);
        } else if (control > 2 || (control == 2 && !known.dictionary)) {
            fail(xz, "xz: a chunk of a kind that cannot be here");
        } else {
            if (control == 1) {
                known = (struct chunks){ .dictionary = true };
                lzma->begin = lzma->at;
            }
            copy_chunk(xz, lzma, bytes);
        }
    }
}

/* 3 */
static void take_block(struct xz *xz, struct lzma *lzma)
{
    size_t from = xz->at, data, begin = xz->out_at;
    struct block block = take_block_header(xz);
    size_t packed, unpacked;

    if (xz->wrong)
        return;
    data = xz->at;
    unpack_lzma_open(lzma, xz->in, xz->in_bytes, xz->out);
    lzma->in_at = data;
    lzma->at = begin;
    take_chunks(xz, lzma);
    xz->at = lzma->in_at;
    xz->out_at = lzma->at;
    packed = xz->at - data;
    unpacked = xz->out_at - begin;
    if ((block.packed != UINT64_MAX && block.packed != packed) ||
        (block.unpacked != UINT64_MAX && block.unpacked != unpacked))
        fail(xz, "xz: a block has another size than it says");
    take_padding(xz, data);
    if (xz->wrong)
        return;
    if (block.x86)
        unpack_x86_filter(xz->out + begin, unpacked, block.x86_start);
    if (xz->check == CHECK_CRC32 &&
        take_word(xz) != unpack_crc32(xz->out + begin, unpacked))
        fail(xz, "xz: the sum of what is in it is another");
    xz->blocks++;
    xz->packed += data - from + packed + (xz->check == CHECK_CRC32 ? 4 : 0);
    xz->unpacked += unpacked;
}

/* 4: sums of all records are compared, and the whole has its own sum. */
static void take_index(struct xz *xz)
{
    size_t from = xz->at;
    uint64_t count;

    take(xz);
    count = take_number(xz);
    if (count != xz->blocks)
        fail(xz, "xz: its index has another number of blocks");
    while (count-- && !xz->wrong) {
        xz->packed -= take_number(xz);
        xz->unpacked -= take_number(xz);
    }
    take_padding(xz, from);
    if (xz->packed || xz->unpacked)
        fail(xz, "xz: its index has other sizes");
    take_sum(xz, from, "xz: the sum of its index is another");
}

/* 2.1.2 */
static void take_footer(struct xz *xz, size_t index_bytes)
{
    uint32_t sum = take_word(xz);
    size_t from = xz->at;

    if (((uint64_t)take_word(xz) + 1) * 4 != index_bytes)
        fail(xz, "xz: its footer says another size of the index");
    if (take(xz) || take(xz) != xz->check)
        fail(xz, "xz: its footer has other flags");
    if (!xz->wrong && sum != unpack_crc32(xz->in + from, xz->at - from))
        fail(xz, "xz: the sum of its footer is another");
    if (take(xz) != 'Y' || take(xz) != 'Z')
        fail(xz, "xz: its footer is damaged");
}

const char *unpack_xz(struct unpack_work *work, const uint8_t *in,
                      size_t in_bytes, uint8_t *out, size_t room,
                      size_t *out_bytes)
{
    struct xz xz = { .in = in, .in_bytes = in_bytes, .out = out, .room = room };
    size_t index;

    take_header(&xz);
    /* A block's header is never of 0 bytes: that is the index. */
    while (!xz.wrong && xz.at < in_bytes && in[xz.at])
        take_block(&xz, (struct lzma *)work);
    index = xz.at;
    if (!xz.wrong)
        take_index(&xz);
    if (!xz.wrong)
        take_footer(&xz, xz.at - index);
    if (xz.at != in_bytes)
        fail(&xz, "xz: something follows its footer");
    *out_bytes = xz.out_at;
    return xz.wrong;
}
