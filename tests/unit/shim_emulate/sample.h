/* SPDX-License-Identifier: MIT */
/*
 * Random instructions that store to memory, put together from the manual's
 * tables and not by the decoder under test, with registers that make them
 * store where they shall.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "model.h"

enum sample_kind {
    SAMPLE_PLAIN,
    SAMPLE_BITS,    /* the bit's number is in a register */
    SAMPLE_COMPARE, /* cmpxchg */
    SAMPLE_PAIR,    /* cmpxchg8b */
    SAMPLE_ABSOLUTE,
    SAMPLE_STOS,
    SAMPLE_MOVS,
};

/* One form of an instruction. */
struct sample_form {
    const char *name;
    uint16_t opcode; /* 0x0fXX: of two bytes */
    int8_t group;    /* ModRM's reg, or -1: a register */
    bool byte;       /* the opcode without bit 0 is of a byte */
    bool lock;
    uint8_t immediate; /* 1: of a byte; 2: as large as the operand */
    enum sample_kind kind;
    uint64_t undefined; /* flags */
};

extern const struct sample_form sample_forms[];
extern const unsigned sample_form_count;

struct sample {
    uint8_t bytes[15];
    unsigned length;
    uint8_t size;
    bool stray_rex;  /* one that means nothing: it is not the last prefix */
    uint64_t target; /* the operand's address, in the table */
    struct cpu_user_regs regs;
};

uint64_t sample_random(void);

/* Registers and RIP are of the model, whose memory it is for. */
struct sample sample_make(const struct sample_form *form);

#endif /* SAMPLE_H */
