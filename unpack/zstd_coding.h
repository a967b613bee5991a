/* SPDX-License-Identifier: MIT */
/*
 * The parts of zstd's decoder: bits read backwards, FSE and Huffman codes,
 * literals and sequences of a block.
 *
 * Source: RFC 8878; numbers in comments are its chapters.
 */
#ifndef UNPACK_ZSTD_CODING_H
#define UNPACK_ZSTD_CODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ZSTD_BLOCK_BYTES = 128 << 10, /* at most, when it is unpacked */
    ZSTD_HUFFMAN_BITS = 11,       /* 4.2.1 */
    ZSTD_FSE_BITS = 9,            /* of lengths; offsets and weights less */
    ZSTD_FSE_SYMBOLS = 256,
};

/* What one state stands for, and which comes next. 4.1.1 */
struct zstd_state {
    uint16_t base;
    uint8_t bits; /* to be added to it */
    uint8_t symbol;
};

struct zstd_fse {
    unsigned bits; /* of a state; 0: one symbol, without a bit */
    bool is_set;   /* for Repeat_Mode */
    struct zstd_state states[1 << ZSTD_FSE_BITS];
};

/* By as many bits as the longest code has. */
struct zstd_huffman {
    unsigned bits; /* 0: there was none yet */
    struct {
        uint8_t symbol, bits;
    } codes[1 << ZSTD_HUFFMAN_BITS];
};

/* All that a frame's blocks know of each other, and of the one at hand. */
struct zstd {
    uint8_t *out;
    size_t out_at, room;
    size_t repeats[3]; /* offsets, the latest first */
    const char *wrong;
    struct zstd_fse lengths, offsets, matches; /* of literals, ... */
    struct zstd_huffman huffman;
    const uint8_t *literals; /* in the input, or in 'room_of_literals' */
    size_t literal_count;
    struct zstd_fse weights; /* while a Huffman code is read */
    uint8_t room_of_literals[ZSTD_BLOCK_BYTES];
};

/* What is left of a block's input. */
struct zstd_input {
    const uint8_t *at;
    size_t left;
};

/* Bits from the last to the first; 'left' is below 0 if more were taken. */
struct zstd_bits {
    const uint8_t *bytes;
    size_t size;
    ptrdiff_t left;
};

void unpack_zstd_fail(struct zstd *zstd, const char *why);

/* 'size' bytes, whose last has the mark behind which bits begin. 4.1 */
bool unpack_zstd_open_bits(struct zstd *zstd, struct zstd_bits *bits,
                           const uint8_t *bytes, size_t size);

/* Up to 32 bits; those before the first are 0. */
uint32_t unpack_zstd_take_bits(struct zstd_bits *bits, unsigned count);

/* The table of counts; -1 is less than 1. 4.1.1 */
void unpack_zstd_set_fse(struct zstd_fse *fse, const int16_t *counts,
                         unsigned symbols, unsigned bits);

/* The counts first: at most 'symbols' of them, states of 'most_bits'. */
void unpack_zstd_take_fse(struct zstd *zstd, struct zstd_input *input,
                          struct zstd_fse *fse, unsigned symbols,
                          unsigned most_bits);

static inline unsigned zstd_take_state(struct zstd_bits *bits,
                                       const struct zstd_fse *fse,
                                       unsigned state)
{
    return fse->states[state].base +
           unpack_zstd_take_bits(bits, fse->states[state].bits);
}

/* A block's literals, 3.1.1.3.1, and what it does with them, 3.1.1.3.2. */
void unpack_zstd_literals(struct zstd *zstd, struct zstd_input *input);
void unpack_zstd_sequences(struct zstd *zstd, struct zstd_input *input);

#endif /* UNPACK_ZSTD_CODING_H */
