/* SPDX-License-Identifier: MIT */
/*
 * Results and flags of integer instructions.
 */
#include "emulate/arithmetic.h"
#include "emulate/insn.h"

#include "abi/x86.h"

#define STATUS                                                                 \
    (X86_RFLAGS_CF | X86_RFLAGS_PF | X86_RFLAGS_AF | X86_RFLAGS_ZF |           \
     X86_RFLAGS_SF | X86_RFLAGS_OF)

/* PF: an even number of bits in the lowest byte. */
static uint64_t parity(uint64_t value)
{
    value ^= value >> 4;
    value ^= value >> 2;
    value ^= value >> 1;
    return value & 1 ? 0 : X86_RFLAGS_PF;
}

static uint64_t of_result(uint64_t result, unsigned size)
{
    return parity(result) | (result ? 0 : X86_RFLAGS_ZF) |
           (result >> (8 * size - 1) ? X86_RFLAGS_SF : 0);
}

uint64_t emulate_calculate(enum emulate_operation operation, uint64_t a,
                           uint64_t b, unsigned size, uint64_t *flags)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    uint64_t carry = *flags & X86_RFLAGS_CF, new_flags = 0, result;

    switch (operation) {
    case EMULATE_ADD:
        carry = 0;
        /* fall through */
    case EMULATE_ADC:
        result = emulate_truncate(a + b + carry, size);
        if (result < a || (carry && result == a))
            new_flags |= X86_RFLAGS_CF;
        if (~(a ^ b) & (a ^ result) & sign)
            new_flags |= X86_RFLAGS_OF;
        new_flags |= (a ^ b ^ result) & X86_RFLAGS_AF;
        break;
    case EMULATE_OR:
        result = a | b;
        break;
    case EMULATE_AND:
        result = a & b;
        break;
    case EMULATE_XOR:
        result = a ^ b;
        break;
    case EMULATE_SUB:
    case EMULATE_CMP:
        carry = 0;
        /* fall through */
    case EMULATE_SBB:
    default:
        result = emulate_truncate(a - b - carry, size);
        if (a < b || (carry && a == b))
            new_flags |= X86_RFLAGS_CF;
        if ((a ^ b) & (a ^ result) & sign)
            new_flags |= X86_RFLAGS_OF;
        new_flags |= (a ^ b ^ result) & X86_RFLAGS_AF;
        break;
    }
    *flags = (*flags & ~(uint64_t)STATUS) | new_flags | of_result(result, size);
    return result;
}

uint64_t emulate_increment(uint64_t a, int by, unsigned size, uint64_t *flags)
{
    uint64_t carry = *flags & X86_RFLAGS_CF;
    uint64_t result = emulate_calculate(by > 0 ? EMULATE_ADD : EMULATE_SUB, a,
                                        1, size, flags);

    *flags = (*flags & ~(uint64_t)X86_RFLAGS_CF) | carry;
    return result;
}

uint64_t emulate_bit(enum emulate_bit_operation operation, uint64_t a,
                     unsigned bit, uint64_t *flags)
{
    uint64_t mask = UINT64_C(1) << bit;

    *flags &= ~(uint64_t)X86_RFLAGS_CF;
    if (a & mask)
        *flags |= X86_RFLAGS_CF;
    switch (operation) {
    case EMULATE_BTS:
        return a | mask;
    case EMULATE_BTR:
        return a & ~mask;
    default:
        return a ^ mask;
    }
}
