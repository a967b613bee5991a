/* SPDX-License-Identifier: MIT */
/*
 * What INS, OUTS, MOVS and STOS have in common: RSI, RDI, RCX and REP.
 *
 * Source: Intel SDM volume 2, REP; volume 1, 3.7.5 (64-bit addressing).
 */
#ifndef SHIM_EMULATE_REPEAT_H
#define SHIM_EMULATE_REPEAT_H

#include "emulate/insn.h"

/* Which registers an instruction moves. */
enum {
    EMULATE_SOURCE = 1,      /* RSI */
    EMULATE_DESTINATION = 2, /* RDI, in ES, whatever the prefix */
};

/* How often it is to be done yet, in this execution of it. */
uint64_t emulate_repeat_count(const struct emulate_cpu *cpu,
                              const struct emulate_insn *insn);

/*
 * Once more has been done: RCX becomes less, and each of 'registers' moves by
 * the size of the operand.
 */
void emulate_repeat_step(const struct emulate_cpu *cpu,
                         const struct emulate_insn *insn, unsigned registers);

/*
 * The end of this execution. RIP stays if there is more to do; the guest then
 * executes the instruction again.
 */
enum emulate_result emulate_repeat_finish(const struct emulate_cpu *cpu,
                                          const struct emulate_insn *insn,
                                          unsigned registers, uint64_t dr6,
                                          struct emulate_fault *out_fault);

#endif /* SHIM_EMULATE_REPEAT_H */
