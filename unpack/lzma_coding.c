/* SPDX-License-Identifier: MIT */
/*
 * LZMA's decoder. The output is the dictionary, so nothing is copied twice.
 *
 * Source: the LZMA specification, 2015; the xz file format does not describe
 *         it. An encoder's ends: XZ Utils 5.4, liblzma/lzma/lzma_decoder.c.
 */
#include "lzma_coding.h"

enum {
    PROB_BITS = 11,
    PROB_SHIFT = 5, /* how quickly one is learned */
    RANGE_LEAST = 1 << 24,
    FIRST_NOT_LITERAL = 7, /* states below come after a literal */
    LENGTH_LEAST = 2,
    SLOT_FIRST_BITS = 4,   /* smaller ones are distances themselves */
    SLOT_FIRST_ALIGN = 14, /* larger ones have bits of even chance */
    ALIGN_BITS = 4,
};

static void fail(struct lzma *lzma, const char *why)
{
    if (!lzma->wrong)
        lzma->wrong = why;
}

static void normalize(struct lzma *lzma)
{
    if (lzma->range >= RANGE_LEAST)
        return;
    lzma->range <<= 8;
    lzma->code <<= 8;
    if (lzma->in_at < lzma->in_end)
        lzma->code |= lzma->in[lzma->in_at++];
    else
        fail(lzma, "lzma: its data end too early");
}

static unsigned take_bit(struct lzma *lzma, uint16_t *prob)
{
    uint32_t bound;

    normalize(lzma);
    bound = (lzma->range >> PROB_BITS) * *prob;
    if (lzma->code < bound) {
        lzma->range = bound;
        *prob += ((1 << PROB_BITS) - *prob) >> PROB_SHIFT;
        return 0;
    }
    lzma->range -= bound;
    lzma->code -= bound;
    *prob -= *prob >> PROB_SHIFT;
    return 1;
}

/* 'count' bits of even chance. */
static uint32_t take_even_bits(struct lzma *lzma, unsigned count)
{
    uint32_t value = 0;

    while (count--) {
        normalize(lzma);
        lzma->range >>= 1;
        value <<= 1;
        if (lzma->code >= lzma->range) {
            lzma->code -= lzma->range;
            value |= 1;
        }
    }
    return value;
}

/* A number of 'bits' bits, the highest first: probs[1] is the first one's. */
static unsigned take_tree(struct lzma *lzma, uint16_t *probs, unsigned bits)
{
    unsigned node = 1;

    while (node < 1u << bits)
        node = node << 1 | take_bit(lzma, &probs[node]);
    return node - (1u << bits);
}

/* The lowest first. */
static unsigned take_reverse_tree(struct lzma *lzma, uint16_t *probs,
                                  unsigned bits)
{
    unsigned node = 1, value = 0;

    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = take_bit(lzma, &probs[node]);

        node = node << 1 | bit;
        value |= bit << i;
    }
    return value;
}

static void put_literal(struct lzma *lzma)
{
    uint8_t *out = lzma->out + lzma->at;
    size_t position = lzma->at - lzma->begin;
    unsigned before = position ? out[-1] : 0;
    uint16_t *probs =
        lzma->probs.literal[((position & lzma->lp_mask) << lzma->lc) +
                            (before >> (8 - lzma->lc))];
    unsigned node = 1;

    /* As long as it is the byte that a match would have: two more tables. */
    if (lzma->state >= FIRST_NOT_LITERAL) {
        unsigned other = out[-(ptrdiff_t)lzma->reps[0] - 1];
        bool same = true;

        for (; node < 0x100 && same; other <<= 1) {
            unsigned bit = other >> 7 & 1;
            unsigned got = take_bit(lzma, &probs[0x100 + (bit << 8) + node]);

            node = node << 1 | got;
            same = got == bit;
        }
    }
    while (node < 0x100)
        node = node << 1 | take_bit(lzma, &probs[node]);
    *out = (uint8_t)node;
    lzma->at++;
    lzma->state = lzma->state < 4    ? 0
                  : lzma->state < 10 ? lzma->state - 3
                                     : lzma->state - 6;
}

static unsigned take_length(struct lzma *lzma, struct lzma_length *length,
                            unsigned pos_state)
{
    if (!take_bit(lzma, &length->choice[0]))
        return LENGTH_LEAST + take_tree(lzma, length->low[pos_state], 3);
    if (!take_bit(lzma, &length->choice[1]))
        return LENGTH_LEAST + 8 + take_tree(lzma, length->mid[pos_state], 3);
    return LENGTH_LEAST + 16 + take_tree(lzma, length->high, 8);
}

/* Less 1; UINT32_MAX is the end marker. */
static uint32_t take_distance(struct lzma *lzma, unsigned length)
{
    unsigned which = length - LENGTH_LEAST < 3 ? length - LENGTH_LEAST : 3;
    unsigned slot = take_tree(lzma, lzma->probs.slot[which], 6);
    unsigned bits = slot / 2 - 1;
    uint32_t distance;

    if (slot < SLOT_FIRST_BITS)
        return slot;
    distance = (2 | (slot & 1)) << bits;
    if (slot < SLOT_FIRST_ALIGN)
        return distance +
               take_reverse_tree(lzma, lzma->probs.distance + (distance - slot),
                                 bits);
    distance += take_even_bits(lzma, bits - ALIGN_BITS) << ALIGN_BITS;
    return distance + take_reverse_tree(lzma, lzma->probs.align, ALIGN_BITS);
}

static void copy(struct lzma *lzma, size_t length, size_t end)
{
    size_t distance = (size_t)lzma->reps[0] + 1;

    if (distance > lzma->at - lzma->begin) {
        fail(lzma, "lzma: a distance to before the beginning");
        return;
    }
    if (length > end - lzma->at) {
        fail(lzma, "lzma: more than it said");
        return;
    }
    for (; length; length--, lzma->at++)
        lzma->out[lzma->at] = lzma->out[lzma->at - distance];
}

/* One of the last four distances is put first. */
static void take_rep(struct lzma *lzma)
{
    uint32_t distance;

    if (!take_bit(lzma, &lzma->probs.is_rep_1[lzma->state])) {
        distance = lzma->reps[1];
    } else {
        if (!take_bit(lzma, &lzma->probs.is_rep_2[lzma->state])) {
            distance = lzma->reps[2];
        } else {
            distance = lzma->reps[3];
            lzma->reps[3] = lzma->reps[2];
        }
        lzma->reps[2] = lzma->reps[1];
    }
    lzma->reps[1] = lzma->reps[0];
    lzma->reps[0] = distance;
}

/* True: it was the end marker. */
static bool put_match(struct lzma *lzma, unsigned pos_state, size_t end)
{
    struct lzma_probs *probs = &lzma->probs;
    bool after_literal = lzma->state < FIRST_NOT_LITERAL;
    unsigned length;

    if (!take_bit(lzma, &probs->is_rep[lzma->state])) {
        for (unsigned i = 3; i; i--)
            lzma->reps[i] = lzma->reps[i - 1];
        length = take_length(lzma, &probs->match, pos_state);
        lzma->reps[0] = take_distance(lzma, length);
        if (lzma->reps[0] == UINT32_MAX)
            return true;
        lzma->state = after_literal ? 7 : 10;
    } else {
        if (take_bit(lzma, &probs->is_rep_0[lzma->state])) {
            take_rep(lzma);
        } else if (!take_bit(lzma,
                             &probs->is_rep_0_long[lzma->state][pos_state])) {
            lzma->state = after_literal ? 9 : 11;
            copy(lzma, 1, end);
            return false;
        }
        length = take_length(lzma, &probs->rep, pos_state);
        lzma->state = after_literal ? 8 : 11;
    }
    copy(lzma, length, end);
    return false;
}

void unpack_lzma_open(struct lzma *lzma, const uint8_t *in, size_t in_bytes,
                      uint8_t *out)
{
    lzma->in = in;
    lzma->in_at = 0;
    lzma->in_end = in_bytes;
    lzma->out = out;
    lzma->begin = 0;
    lzma->at = 0;
    lzma->wrong = NULL;
}

bool unpack_lzma_set(struct lzma *lzma, unsigned properties)
{
    unsigned lc = properties % 9, lp = properties / 9 % 5;
    unsigned pb = properties / 45;

    if (pb > 4 || lc + lp > 4)
        return false;
    lzma->lc = lc;
    lzma->lp_mask = (1u << lp) - 1;
    lzma->pb_mask = (1u << pb) - 1;
    return true;
}

void unpack_lzma_reset(struct lzma *lzma)
{
    uint16_t *probs = (uint16_t *)&lzma->probs;

    lzma->state = 0;
    for (unsigned i = 0; i < 4; i++)
        lzma->reps[i] = 0;
    for (size_t i = 0; i < sizeof(lzma->probs) / sizeof(*probs); i++)
        probs[i] = LZMA_PROBS_INIT;
}

void unpack_lzma_begin(struct lzma *lzma)
{
    /* The first of the 5 bytes is shifted out again; it is 0. */
    lzma->range = UINT32_MAX;
    lzma->code = 0;
    if (lzma->in_end - lzma->in_at < 5) {
        fail(lzma, "lzma: its data end too early");
        return;
    }
    if (lzma->in[lzma->in_at++])
        fail(lzma, "lzma: its data do not begin with 0");
    for (unsigned i = 0; i < 4; i++)
        lzma->code = lzma->code << 8 | lzma->in[lzma->in_at++];
}

bool unpack_lzma_run(struct lzma *lzma, size_t end)
{
    while (lzma->at < end && !lzma->wrong) {
        unsigned pos_state = (unsigned)(lzma->at - lzma->begin) & lzma->pb_mask;

        if (!take_bit(lzma, &lzma->probs.is_match[lzma->state][pos_state]))
            put_literal(lzma);
        else if (put_match(lzma, pos_state, end))
            return true;
    }
    return false;
}

void unpack_lzma_end(struct lzma *lzma)
{
    unsigned pos_state = (unsigned)(lzma->at - lzma->begin) & lzma->pb_mask;

    if (!take_bit(lzma, &lzma->probs.is_match[lzma->state][pos_state]) ||
        !put_match(lzma, pos_state, lzma->at))
        fail(lzma, "lzma: more than it said");
}

bool unpack_lzma_finished(struct lzma *lzma)
{
    normalize(lzma);
    return !lzma->code && lzma->in_at == lzma->in_end;
}
