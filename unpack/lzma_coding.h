/* SPDX-License-Identifier: MIT */
/*
 * LZMA's decoder, without the formats around it.
 *
 * Source: the LZMA specification, 2015 (LZMA SDK, DOC/lzma-specification.txt);
 *         names of states and probabilities as there.
 */
#ifndef UNPACK_LZMA_CODING_H
#define UNPACK_LZMA_CODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LZMA_STATES = 12,
    LZMA_POS_STATES = 16, /* of pb <= 4 */
    LZMA_LITERALS = 16,   /* of lc + lp <= 4: LZMA2 has no more */
    LZMA_LITERAL_PROBS = 0x300,
    LZMA_PROBS_INIT = 1024, /* as likely 0 as 1, of 2048 */
};

struct lzma_length {
    uint16_t choice[2];
    uint16_t low[LZMA_POS_STATES][8];
    uint16_t mid[LZMA_POS_STATES][8];
    uint16_t high[256];
};

/* How likely 0 is, of 2048: nothing but such, so that they are set as one. */
struct lzma_probs {
    uint16_t is_match[LZMA_STATES][LZMA_POS_STATES];
    uint16_t is_rep[LZMA_STATES];
    uint16_t is_rep_0[LZMA_STATES];
    uint16_t is_rep_1[LZMA_STATES];
    uint16_t is_rep_2[LZMA_STATES];
    uint16_t is_rep_0_long[LZMA_STATES][LZMA_POS_STATES];
    struct lzma_length match, rep;
    uint16_t slot[4][64];
    uint16_t distance[115];
    uint16_t align[16];
    uint16_t literal[LZMA_LITERALS][LZMA_LITERAL_PROBS];
};

struct lzma {
    const uint8_t *in;
    size_t in_at, in_end;
    uint32_t range, code;
    /* The dictionary is all that was written from 'begin' on. */
    uint8_t *out;
    size_t begin, at;
    unsigned lc;
    uint32_t lp_mask, pb_mask;
    unsigned state;
    uint32_t reps[4]; /* distances less 1, the latest first */
    const char *wrong;
    struct lzma_probs probs;
};

/* Nothing is written yet. */
void unpack_lzma_open(struct lzma *lzma, const uint8_t *in, size_t in_bytes,
                      uint8_t *out);

/* The byte of lc, lp and pb; false: it cannot be, or lc + lp is above 4. */
bool unpack_lzma_set(struct lzma *lzma, unsigned properties);

/* State, distances and probabilities as in the beginning. */
void unpack_lzma_reset(struct lzma *lzma);

/* The range coder's first 5 bytes. */
void unpack_lzma_begin(struct lzma *lzma);

/*
 * Go on until 'end' of the output. True: the end marker came before. Nothing is
 * written behind 'end'; after a mistake 'wrong' says which.
 */
bool unpack_lzma_run(struct lzma *lzma, size_t end);

/* Only the end marker may follow; 'wrong' says if it does not. */
void unpack_lzma_end(struct lzma *lzma);

/* Is the range coder where its encoder stopped, and at the end of the input? */
bool unpack_lzma_finished(struct lzma *lzma);

#endif /* UNPACK_LZMA_CODING_H */
