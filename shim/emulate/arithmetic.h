/* SPDX-License-Identifier: MIT */
/*
 * Results and flags of integer instructions; numbers only.
 *
 * Operands are of 'size' bytes, 1 to 8, and zero-extended; so are results.
 * '*flags' is RFLAGS before and afterwards. AF is cleared where the manual
 * leaves it undefined.
 *
 * Source: Intel SDM volume 1, 3.4.3.1 (status flags); volume 2, each
 *         instruction's "Flags Affected".
 */
#ifndef SHIM_EMULATE_ARITHMETIC_H
#define SHIM_EMULATE_ARITHMETIC_H

#include <stdint.h>

/* As in bits 3 to 5 of the opcode and in ModRM's reg. */
enum emulate_operation {
    EMULATE_ADD,
    EMULATE_OR,
    EMULATE_ADC,
    EMULATE_SBB,
    EMULATE_AND,
    EMULATE_SUB,
    EMULATE_XOR,
    EMULATE_CMP, /* the result is that of SUB */
};

uint64_t emulate_calculate(enum emulate_operation operation, uint64_t a,
                           uint64_t b, unsigned size, uint64_t *flags);

/* INC and DEC: 'by' is 1 or -1. CF stays. */
uint64_t emulate_increment(uint64_t a, int by, unsigned size, uint64_t *flags);

/* BTS, BTR and BTC of bit 'bit', by the opcode's bits 3 and 4. CF: the bit. */
enum emulate_bit_operation {
    EMULATE_BTS = 1,
    EMULATE_BTR = 2,
    EMULATE_BTC = 3,
};
uint64_t emulate_bit(enum emulate_bit_operation operation, uint64_t a,
                     unsigned bit, uint64_t *flags);

#endif /* SHIM_EMULATE_ARITHMETIC_H */
