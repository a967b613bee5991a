/* SPDX-License-Identifier: MIT */
/*
 * One store to a table: what an instruction makes of which entry.
 */
#ifndef SHIM_EMULATE_STORE_H
#define SHIM_EMULATE_STORE_H

#include "emulate/insn.h"

/* An instruction and where the operand is that it stores to. */
struct emulate_store {
    const struct emulate_cpu *cpu;
    const struct emulate_insn *insn;
    uint64_t address; /* a multiple of the operand's size */
    uint64_t entry;   /* the whole of it, as it was read */
    struct emulate_fault *out_fault;
};

/*
 * Where the operand in memory is, bit strings included, and how large.
 * insn->size may change: not every instruction has the one of its prefixes.
 */
uint64_t emulate_store_address(const struct emulate_cpu *cpu,
                               struct emulate_insn *insn);

/* All but MOVS and STOS. '*flags' is RFLAGS, changed only if it is done. */
enum emulate_result emulate_store(struct emulate_store *store, uint64_t *flags);

/* 'value', whatever was there: MOV, MOVS and STOS. */
enum emulate_result emulate_store_value(struct emulate_store *store,
                                        uint64_t value);

#endif /* SHIM_EMULATE_STORE_H */
