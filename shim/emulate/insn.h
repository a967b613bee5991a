/* SPDX-License-Identifier: MIT */
/*
 * One instruction, decoded: of those that are emulated and of no other.
 *
 * Source: Intel SDM volume 2, chapter 2 (prefixes, ModRM, SIB, RIP-relative),
 *         appendix A (opcode map).
 */
#ifndef SHIM_EMULATE_INSN_H
#define SHIM_EMULATE_INSN_H

#include "emulate/emulate.h"

#define EMULATE_INSN_BYTES 15 /* none is longer */

/* Two-byte opcodes, in 'opcode'. */
#define EMULATE_0F(byte) (0x0f00 | (byte))

enum emulate_base {
    EMULATE_BASE_NONE, /* CS, DS, ES, SS: 0 */
    EMULATE_BASE_FS,
    EMULATE_BASE_GS,
};

struct emulate_insn {
    uint64_t next;      /* RIP behind it */
    uint64_t offset;    /* of the memory operand, in its segment */
    uint64_t immediate; /* sign-extended */
    uint16_t opcode;    /* a byte, or EMULATE_0F() of one */
    uint8_t size;       /* of the operands: 1, 2, 4 or 8 bytes */
    uint8_t reg, rm;    /* of ModRM, with their bits of REX */
    uint8_t repeat;     /* 0xf2 or 0xf3; the last one holds */
    enum emulate_base base;
    bool memory; /* ModRM or MOFFS mean memory */
    bool rex;    /* there is one, so that 4 to 7 are SPL to DIL */
    bool wide;   /* REX.W */
    bool data16; /* 66 */
    bool address32;
    bool lock;
};

/*
 * Decodes what RIP points to. A page fault if a byte of it cannot be read;
 * not ours if it is not emulated, has memory operands in 32-bit code or is
 * longer than 15 bytes.
 */
enum emulate_result emulate_decode(const struct emulate_cpu *cpu,
                                   struct emulate_insn *out_insn,
                                   struct emulate_fault *out_fault);

/* All bits of a general register: 0 is RAX, 15 is R15. */
uint64_t *emulate_register(struct cpu_user_regs *regs, unsigned number);

/* The operand of insn->size bytes in a register; zero-extended. */
uint64_t emulate_get(const struct emulate_cpu *cpu,
                     const struct emulate_insn *insn, unsigned number);

/* Puts it there: 4 bytes clear the upper half, 1 or 2 leave the rest. */
void emulate_set(const struct emulate_cpu *cpu, const struct emulate_insn *insn,
                 unsigned number, uint64_t value);

/* The linear address of 'offset' in the segment of the memory operand. */
uint64_t emulate_linear(const struct emulate_cpu *cpu,
                        const struct emulate_insn *insn, uint64_t offset);

/* The part of 'offset' that addresses have: 64 bits or 32. */
uint64_t emulate_offset(const struct emulate_insn *insn, uint64_t offset);

/* The lowest 'size' bytes of 'value'. */
uint64_t emulate_truncate(uint64_t value, unsigned size);

/* CPUID by RAX and RCX. */
void emulate_cpuid(const struct emulate_cpu *cpu);

/* A page fault for code at 'address'. */
struct emulate_fault emulate_fetch_fault(const struct emulate_cpu *cpu,
                                         uint64_t address);

/*
 * The instruction at hand is done, and RIP is behind it. A #DB with 'dr6' if
 * this is not 0 or the guest runs in single steps.
 */
enum emulate_result emulate_finish(const struct emulate_cpu *cpu, uint64_t next,
                                   uint64_t dr6,
                                   struct emulate_fault *out_fault);

#endif /* SHIM_EMULATE_INSN_H */
