/* SPDX-License-Identifier: MIT */
/*
 * lz4's legacy files: blocks of 8 MiB, each packed by itself.
 *
 * Source: lz4 1.9.4, doc/lz4_Block_format.md; doc/lz4_Frame_format.md, "Legacy
 *         frame".
 */
#include "unpack.h"

enum {
    MAGIC = 0x184c2102,
    BLOCK_BYTES = 8 << 20, /* of each but the last */
    MATCH_LEAST = 4,
    MORE = 15, /* of a length in a token: bytes of it follow */
};

struct block {
    const uint8_t *in;
    size_t in_at, in_end;
    uint8_t *out;
    size_t begin, at, end;
    const char *wrong;
};

static size_t fail(struct block *block, const char *why)
{
    if (!block->wrong)
        block->wrong = why;
    return 0;
}

static unsigned take(struct block *block)
{
    if (block->in_at == block->in_end)
        return (unsigned)fail(block, "lz4: a block ends too early");
    return block->in[block->in_at++];
}

static size_t take_length(struct block *block, unsigned token)
{
    size_t length = token;
    unsigned more = token == MORE ? 255 : 0;

    /* Cannot overflow: each byte of the file adds 255. */
    while (more == 255) {
        more = take(block);
        length += more;
    }
    return length;
}

static void copy_literals(struct block *block, size_t length)
{
    if (length > block->in_end - block->in_at) {
        fail(block, "lz4: a block ends too early");
        return;
    }
    if (length > block->end - block->at) {
        fail(block, "lz4: more than there is room for");
        return;
    }
    while (length--)
        block->out[block->at++] = block->in[block->in_at++];
}

static void copy_match(struct block *block, size_t distance, size_t length)
{
    if (!distance || distance > block->at - block->begin) {
        fail(block, "lz4: a distance to before the beginning");
        return;
    }
    if (length > block->end - block->at) {
        fail(block, "lz4: more than there is room for");
        return;
    }
    for (; length; length--, block->at++)
        block->out[block->at] = block->out[block->at - distance];
}

/* Literals and a match, again and again; the last has no match. */
static void run(struct block *block)
{
    while (!block->wrong) {
        unsigned token = take(block);
        size_t distance;

        copy_literals(block, take_length(block, token >> 4));
        if (block->wrong || block->in_at == block->in_end)
            return;
        distance = take(block);
        distance |= (size_t)take(block) << 8;
        copy_match(block, distance,
                   take_length(block, token & 15) + MATCH_LEAST);
    }
}

static uint32_t read_word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

const char *unpack_lz4(const uint8_t *in, size_t in_bytes, uint8_t *out,
                       size_t room, size_t *out_bytes)
{
    struct block block = { .in = in, .out = out };

    *out_bytes = 0;
    if (in_bytes < 4 || read_word(in) != MAGIC)
        return "lz4: no header of the legacy format";
    block.in_at = 4;
    while (block.in_at < in_bytes) {
        size_t left = in_bytes - block.in_at;

        if (block.at - block.begin != BLOCK_BYTES && block.at)
            return "lz4: a block that is not the last has not 8 MiB";
        if (left < 4 || read_word(in + block.in_at) > left - 4)
            return "lz4: it ends too early";
        block.in_end = block.in_at + 4 + read_word(in + block.in_at);
        block.in_at += 4;
        block.begin = block.at;
        block.end =
            room - block.at < BLOCK_BYTES ? room : block.at + BLOCK_BYTES;
        run(&block);
        *out_bytes = block.at;
        if (block.wrong)
            return block.wrong;
    }
    return NULL;
}
