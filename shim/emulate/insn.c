/* SPDX-License-Identifier: MIT */
/*
 * Decoding: prefixes, opcode, ModRM, displacement, immediate.
 */
#include "emulate/insn.h"

/* What follows an opcode. 0: it is not emulated. */
enum {
    KNOWN = 1,
    BYTE = 2,      /* bit 0 of the opcode clear: operands of a byte */
    MODRM = 4,     /* ModRM, and what it asks for */
    REGISTERS = 8, /* ModRM whose mod is ignored: a register */
    IMM8 = 16,
    IMMZ = 32, /* 1, 2 or 4 bytes, as the operands; 4 for 8 */
    MOFFS = 64,
};

/* clang-format off */
static const uint8_t one_byte[256] = {
    /* add, or, adc, sbb, and, sub, xor */
    [0x00] = BYTE | MODRM, [0x01] = BYTE | MODRM,
    [0x08] = BYTE | MODRM, [0x09] = BYTE | MODRM,
    [0x10] = BYTE | MODRM, [0x11] = BYTE | MODRM,
    [0x18] = BYTE | MODRM, [0x19] = BYTE | MODRM,
    [0x20] = BYTE | MODRM, [0x21] = BYTE | MODRM,
    [0x28] = BYTE | MODRM, [0x29] = BYTE | MODRM,
    [0x30] = BYTE | MODRM, [0x31] = BYTE | MODRM,
    /* ins, outs */
    [0x6c] = KNOWN | BYTE, [0x6d] = KNOWN | BYTE,
    [0x6e] = KNOWN | BYTE, [0x6f] = KNOWN | BYTE,
    /* the same with an immediate operand */
    [0x80] = BYTE | MODRM | IMMZ, [0x81] = BYTE | MODRM | IMMZ,
    [0x83] = BYTE | MODRM | IMM8,
    /* xchg, mov */
    [0x86] = BYTE | MODRM, [0x87] = BYTE | MODRM,
    [0x88] = BYTE | MODRM, [0x89] = BYTE | MODRM,
    [0xa2] = BYTE | MOFFS, [0xa3] = BYTE | MOFFS,
    /* movs, stos */
    [0xa4] = KNOWN | BYTE, [0xa5] = KNOWN | BYTE,
    [0xaa] = KNOWN | BYTE, [0xab] = KNOWN | BYTE,
    /* mov */
    [0xc6] = BYTE | MODRM | IMMZ, [0xc7] = BYTE | MODRM | IMMZ,
    /* in, out */
    [0xe4] = BYTE | IMM8, [0xe5] = BYTE | IMM8,
    [0xe6] = BYTE | IMM8, [0xe7] = BYTE | IMM8,
    [0xec] = KNOWN | BYTE, [0xed] = KNOWN | BYTE,
    [0xee] = KNOWN | BYTE, [0xef] = KNOWN | BYTE,
    /* not, neg (test has an immediate operand, and is not emulated) */
    [0xf6] = BYTE | MODRM, [0xf7] = BYTE | MODRM,
    /* cli, sti */
    [0xfa] = KNOWN, [0xfb] = KNOWN,
    /* inc, dec */
    [0xfe] = BYTE | MODRM, [0xff] = BYTE | MODRM,
};

static const uint8_t two_bytes[256] = {
    [0x01] = MODRM, /* xsetbv, rdtscp */
    [0x06] = KNOWN, [0x09] = KNOWN, /* clts, wbinvd */
    /* mov from and to control and debug registers */
    [0x20] = REGISTERS, [0x21] = REGISTERS,
    [0x22] = REGISTERS, [0x23] = REGISTERS,
    [0x30] = KNOWN, [0x31] = KNOWN, [0x32] = KNOWN, /* wrmsr, rdtsc, rdmsr */
    [0xa2] = KNOWN, /* cpuid */
    [0xab] = MODRM, [0xb3] = MODRM, [0xbb] = MODRM, /* bts, btr, btc */
    [0xba] = MODRM | IMM8,
    [0xb0] = BYTE | MODRM, [0xb1] = BYTE | MODRM, /* cmpxchg */
    [0xc0] = BYTE | MODRM, [0xc1] = BYTE | MODRM, /* xadd */
    [0xc3] = MODRM, /* movnti */
    [0xc7] = MODRM, /* cmpxchg8b */
};
/* clang-format on */

enum {
    REX_B = 1,
    REX_X = 2,
    REX_R = 4,
    REX_W = 8,
};

/* Bytes of code; once one is missing, all that follow are 0. */
struct reader {
    uint8_t bytes[EMULATE_INSN_BYTES];
    unsigned have, at;
    bool missing;
};

/* A little-endian number of 'bytes', sign-extended. */
static uint64_t take(struct reader *reader, unsigned bytes)
{
    uint64_t value = 0, sign = UINT64_C(1) << (8 * bytes - 1);

    if (reader->missing || bytes > reader->have - reader->at) {
        reader->missing = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)reader->bytes[reader->at++] << 8 * i;
    return (value ^ sign) - sign;
}

static uint8_t take_byte(struct reader *reader)
{
    return (uint8_t)take(reader, 1);
}

/* Returns the first byte that is no prefix; '*out_rex' is REX, or 0. */
static uint8_t take_prefixes(struct reader *reader,
                             const struct emulate_cpu *cpu,
                             struct emulate_insn *insn, uint8_t *out_rex)
{
    for (uint8_t rex = 0;; rex = 0) {
        uint8_t byte = take_byte(reader);

        /* Of several only the last, and only right before the opcode. */
        while (cpu->code64 && (byte & 0xf0) == 0x40) {
            rex = byte;
            byte = take_byte(reader);
        }
        switch (byte) {
        case 0x26: /* ES, CS, SS and DS mean nothing in 64-bit code */
        case 0x2e:
        case 0x36:
        case 0x3e:
            break;
        case 0x64:
            insn->base = EMULATE_BASE_FS;
            break;
        case 0x65:
            insn->base = EMULATE_BASE_GS;
            break;
        case 0x66:
            insn->data16 = true;
            break;
        case 0x67:
            insn->address32 = true;
            break;
        case 0xf0:
            insn->lock = true;
            break;
        case 0xf2:
        case 0xf3:
            insn->repeat = byte;
            break;
        default:
            *out_rex = rex;
            return byte;
        }
    }
}

static uint64_t index_and_base(struct reader *reader,
                               const struct emulate_cpu *cpu, uint8_t rex,
                               unsigned mod, unsigned *out_displacement)
{
    uint8_t sib = take_byte(reader);
    unsigned index = (sib >> 3 & 7) | (rex & REX_X ? 8 : 0);
    unsigned base = (sib & 7) | (rex & REX_B ? 8 : 0);
    uint64_t offset = 0;

    if (index != 4) /* RSP: none */
        offset = *emulate_register(cpu->regs, index) << (sib >> 6);
    if ((base & 7) == 5 && mod == 0)
        *out_displacement = 4;
    else
        offset += *emulate_register(cpu->regs, base);
    return offset;
}

/* Returns whether the operand is relative to RIP: what it lacks yet. */
static bool take_memory(struct reader *reader, const struct emulate_cpu *cpu,
                        struct emulate_insn *insn, uint8_t rex, uint8_t modrm)
{
    unsigned mod = modrm >> 6;
    unsigned displacement = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    bool relative = false;

    if ((modrm & 7) == 4) {
        insn->offset = index_and_base(reader, cpu, rex, mod, &displacement);
    } else if ((modrm & 7) == 5 && mod == 0) {
        displacement = 4;
        relative = true;
    } else {
        insn->offset = *emulate_register(cpu->regs, insn->rm);
    }
    if (displacement)
        insn->offset += take(reader, displacement);
    return relative;
}

static bool take_modrm(struct reader *reader, const struct emulate_cpu *cpu,
                       struct emulate_insn *insn, uint8_t rex, uint8_t form)
{
    uint8_t modrm = take_byte(reader);

    insn->reg = (uint8_t)((modrm >> 3 & 7) | (rex & REX_R ? 8 : 0));
    insn->rm = (uint8_t)((modrm & 7) | (rex & REX_B ? 8 : 0));
    insn->memory = form & MODRM && modrm >> 6 != 3;
    return insn->memory && take_memory(reader, cpu, insn, rex, modrm);
}

static void decode(struct reader *reader, const struct emulate_cpu *cpu,
                   struct emulate_insn *insn, uint8_t *out_form)
{
    uint8_t rex, byte = take_prefixes(reader, cpu, insn, &rex);
    uint8_t form = one_byte[byte];
    bool relative = false;

    insn->opcode = byte;
    if (byte == 0x0f) {
        byte = take_byte(reader);
        insn->opcode = EMULATE_0F(byte);
        form = two_bytes[byte];
    }
    insn->rex = rex;
    insn->wide = rex & REX_W;
    insn->size = insn->wide ? 8 : insn->data16 ? 2 : 4;
    if (form & BYTE && !(byte & 1))
        insn->size = 1;

    if (form & (MODRM | REGISTERS))
        relative = take_modrm(reader, cpu, insn, rex, form);
    if (form & MOFFS) {
        insn->memory = true;
        insn->offset = take(reader, insn->address32 ? 4 : 8);
    }
    if (form & IMM8)
        insn->immediate = take(reader, 1);
    if (form & IMMZ)
        insn->immediate = take(reader, insn->size == 8 ? 4 : insn->size);

    insn->next = cpu->regs->rip + reader->at;
    if (!cpu->code64)
        insn->next = (uint32_t)insn->next;
    if (relative)
        insn->offset += insn->next;
    insn->offset = emulate_offset(insn, insn->offset);
    *out_form = form;
}

enum emulate_result emulate_decode(const struct emulate_cpu *cpu,
                                   struct emulate_insn *out_insn,
                                   struct emulate_fault *out_fault)
{
    struct reader reader = { .at = 0 };
    uint8_t form;

    *out_insn = (struct emulate_insn){ .base = EMULATE_BASE_NONE };
    reader.have = cpu->ops->fetch(cpu->context, cpu->regs->rip, reader.bytes,
                                  EMULATE_INSN_BYTES);
    if (reader.have > EMULATE_INSN_BYTES)
        reader.have = EMULATE_INSN_BYTES;

    decode(&reader, cpu, out_insn, &form);
    if (reader.missing && reader.have < EMULATE_INSN_BYTES) {
        *out_fault = emulate_fetch_fault(cpu, cpu->regs->rip + reader.have);
        return EMULATE_FAULT;
    }
    if (reader.missing || !form || (out_insn->memory && !cpu->code64))
        return EMULATE_NOT_OURS;
    return EMULATE_DONE;
}
