/* SPDX-License-Identifier: MIT */
/*
 * The x86 filter of xz: the encoder made the operand of what looks like a CALL
 * or JMP absolute, if it is near; here it is made relative again.
 *
 * What looks like an opcode may be a byte of another one's operand, so both
 * sides follow the same rule of which they change: an operand has the highest
 * byte 0 or 0xff; and of the three bytes before an opcode at most one is an
 * opcode that was left alone, whose operand's highest byte, which lies in this
 * one's, is neither.
 *
 * Source: The .xz File Format, 5.3.2 (that it is, not how); XZ Utils 5.4,
 *         liblzma/simple/x86.c, and Linux lib/xz/xz_dec_bcj.c (the rule).
 */
#include "x86_filter.h"

#include <stdbool.h>

enum { OPERAND = 4, CALL = 0xe8 /* JMP is 0xe9 */ };

static bool is_near(unsigned highest)
{
    return highest == 0 || highest == 0xff;
}

static uint32_t read_operand(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static void write_operand(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < OPERAND; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/*
 * 'back' bytes before there is an opcode left alone, or 0: then the encoder
 * went on until the byte of the result that is its operand's highest was far.
 */
static uint32_t make_relative(uint32_t operand, uint32_t next, unsigned back)
{
    uint32_t relative = operand - next;

    while (back && is_near(relative >> (24 - 8 * back) & 0xff))
        relative = (relative ^ ((1u << (32 - 8 * back)) - 1)) - next;
    /* 25 bits with their sign. */
    relative &= 0x1ffffff;
    return relative & 0x1000000 ? relative | 0xfe000000 : relative;
}

void unpack_x86_filter(uint8_t *bytes, size_t count, uint32_t start)
{
    unsigned left_alone = 0; /* bit n: the opcode n + 1 bytes before was */

    for (size_t i = 0; count > OPERAND && i < count - OPERAND; i++) {
        /* How far back the first one is. */
        unsigned back = left_alone >= 4 ? 3 : left_alone >= 2 ? 2 : left_alone;
        bool several = left_alone & (left_alone - 1);
        uint8_t *operand = bytes + i + 1;

        if ((bytes[i] & 0xfe) != CALL) {
            left_alone = left_alone << 1 & 7;
            continue;
        }
        if (is_near(operand[3]) && !several &&
            !(back && is_near(operand[3 - back]))) {
            write_operand(operand,
                          make_relative(read_operand(operand),
                                        start + (uint32_t)i + 5, back));
            i += OPERAND;
            left_alone = 0;
        } else {
            left_alone = (left_alone << 1 | 1) & 7;
        }
    }
}
