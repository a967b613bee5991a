/* SPDX-License-Identifier: MIT */
/*
 * Every form of an instruction that stores to a table.
 *
 * Source: Intel SDM volume 2: opcodes, and which flags are undefined.
 */
#include "sample.h"

#include "abi/x86.h"

#define AF   X86_RFLAGS_AF
#define BITS (X86_RFLAGS_OF | X86_RFLAGS_SF | X86_RFLAGS_AF | X86_RFLAGS_PF)

/* clang-format off */
#define ALU(name, number, undefined)                                           \
    { name " r", 8 * number + 1, -1, true, true, 0, SAMPLE_PLAIN, undefined }, \
    { name " i", 0x81, number, true, true, 2, SAMPLE_PLAIN, undefined },       \
    { name " i8", 0x83, number, false, true, 1, SAMPLE_PLAIN, undefined }
#define BIT(name, opcode, number)                                              \
    { name " r", opcode, -1, false, true, 0, SAMPLE_BITS, BITS },              \
    { name " i8", 0x0fba, number, false, true, 1, SAMPLE_PLAIN, BITS }

const struct sample_form sample_forms[] = {
    ALU("add", 0, 0), ALU("or", 1, AF), ALU("adc", 2, 0), ALU("sbb", 3, 0),
    ALU("and", 4, AF), ALU("sub", 5, 0), ALU("xor", 6, AF),
    { "xchg", 0x87, -1, true, true, 0, SAMPLE_PLAIN, 0 },
    { "mov r", 0x89, -1, true, false, 0, SAMPLE_PLAIN, 0 },
    { "mov i", 0xc7, 0, true, false, 2, SAMPLE_PLAIN, 0 },
    { "movabs", 0xa3, -1, true, false, 0, SAMPLE_ABSOLUTE, 0 },
    { "movnti", 0x0fc3, -1, false, false, 0, SAMPLE_PLAIN, 0 },
    { "not", 0xf7, 2, true, true, 0, SAMPLE_PLAIN, 0 },
    { "neg", 0xf7, 3, true, true, 0, SAMPLE_PLAIN, 0 },
    { "inc", 0xff, 0, true, true, 0, SAMPLE_PLAIN, 0 },
    { "dec", 0xff, 1, true, true, 0, SAMPLE_PLAIN, 0 },
    BIT("bts", 0x0fab, 5), BIT("btr", 0x0fb3, 6), BIT("btc", 0x0fbb, 7),
    { "cmpxchg", 0x0fb1, -1, true, true, 0, SAMPLE_COMPARE, 0 },
    { "cmpxchg8b", 0x0fc7, 1, false, true, 0, SAMPLE_PAIR, 0 },
    { "xadd", 0x0fc1, -1, true, true, 0, SAMPLE_PLAIN, 0 },
    { "stos", 0xab, -1, true, false, 0, SAMPLE_STOS, 0 },
    { "movs", 0xa5, -1, true, false, 0, SAMPLE_MOVS, 0 },
};
/* clang-format on */

const unsigned sample_form_count =
    sizeof(sample_forms) / sizeof(sample_forms[0]);
