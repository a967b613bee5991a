/* SPDX-License-Identifier: MIT */
/*
 * Stores to a read-only table: one of any instruction, or of a REP as many as
 * lie in the page.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/ro-page-fault.c, ptwr_emulated_update():
 *         aligned stores of up to 8 bytes to the page that faulted. Xen does
 *         one of a REP at each fault, and never several as one entry.
 */
#include "emulate/repeat.h"
#include "emulate/store.h"

#include "abi/x86.h"

#define PAGE_MASK (~UINT64_C(0xfff))

enum {
    ENTRY = 8, /* bytes */
};

/* Whether it is an operand that can be stored to in the page at 'page'. */
static bool lies_in(uint64_t address, unsigned size, uint64_t page)
{
    return size <= ENTRY && (address & PAGE_MASK) == page &&
           !(address & (size - 1));
}

static bool is_stos(const struct emulate_insn *insn)
{
    return insn->opcode >= 0xaa;
}

/* The value that one MOVS or STOS stores; RAX is repeated to fill an entry. */
static enum emulate_result source(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  unsigned bytes, uint64_t *out_value,
                                  struct emulate_fault *out_fault)
{
    uint8_t data[ENTRY] = { 0 };
    enum emulate_result result = EMULATE_DONE;

    if (is_stos(insn)) {
        for (unsigned i = 0; i < bytes; i++)
            data[i] = (uint8_t)(cpu->regs->rax >> 8 * (i % insn->size));
    } else {
        result = cpu->ops->read(cpu->context,
                                emulate_linear(cpu, insn, cpu->regs->rsi), data,
                                bytes, out_fault);
    }
    *out_value = 0;
    for (unsigned i = 0; i < bytes; i++)
        *out_value |= (uint64_t)data[i] << 8 * i;
    return result;
}

/*
 * Whether the next 'left' ones fill the entry at 'address', so that it can be
 * stored in one step. Half of an old entry and half of a new one may mean a
 * frame that is neither's.
 */
static bool fills(const struct emulate_cpu *cpu,
                  const struct emulate_insn *insn, uint64_t address,
                  uint64_t left)
{
    uint64_t ahead;

    if (address & (ENTRY - 1) || left < ENTRY / insn->size || insn->address32 ||
        cpu->regs->rflags & (X86_RFLAGS_DF | X86_RFLAGS_TF))
        return false;
    if (is_stos(insn))
        return true;
    /* A source that lies just below is what was stored a moment ago. */
    ahead = address - emulate_linear(cpu, insn, cpu->regs->rsi);
    return ahead >= ENTRY || !ahead;
}

/* One of at most 'left', or as many as fill an entry: '*out_steps'. */
static enum emulate_result step(const struct emulate_cpu *cpu,
                                const struct emulate_insn *insn, uint64_t page,
                                uint64_t left, unsigned *out_steps,
                                struct emulate_fault *out_fault)
{
    struct emulate_insn whole = *insn;
    struct emulate_store store = { cpu, insn, 0, 0, out_fault };
    enum emulate_result result = EMULATE_NOT_OURS;
    uint64_t value;

    store.address = emulate_offset(insn, cpu->regs->rdi);
    if (!lies_in(store.address, insn->size, page))
        return EMULATE_NOT_OURS;
    whole.size = ENTRY;
    *out_steps = ENTRY / insn->size;
    if (fills(cpu, insn, store.address, left))
        result = source(cpu, insn, ENTRY, &value, out_fault);
    if (result == EMULATE_DONE) {
        store.insn = &whole;
        return emulate_store_value(&store, value);
    }
    *out_steps = 1;
    result = source(cpu, insn, insn->size, &value, out_fault);
    return result == EMULATE_DONE ? emulate_store_value(&store, value) : result;
}

static enum emulate_result string(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  uint64_t page,
                                  struct emulate_fault *out_fault)
{
    unsigned registers = is_stos(insn) ? EMULATE_DESTINATION
                                       : EMULATE_SOURCE | EMULATE_DESTINATION;
    uint64_t left = emulate_repeat_count(cpu, insn), done = 0;

    if (left && cpu->regs->rflags & X86_RFLAGS_TF)
        left = 1;
    while (left) {
        unsigned steps = 1;
        enum emulate_result result =
            step(cpu, insn, page, left, &steps, out_fault);

        if (result == EMULATE_NOT_OURS && done)
            break; /* what has been done is done */
        if (result != EMULATE_DONE)
            return result;
        left -= steps;
        done += steps;
        while (steps--)
            emulate_repeat_step(cpu, insn, registers);
    }
    return emulate_repeat_finish(cpu, insn, registers, 0, out_fault);
}

static enum emulate_result table_write(const struct emulate_cpu *cpu,
                                       uint64_t page,
                                       struct emulate_fault *out_fault)
{
    struct emulate_insn insn;
    struct emulate_store store = { cpu, &insn, 0, 0, out_fault };
    enum emulate_result result = emulate_decode(cpu, &insn, out_fault);
    uint64_t flags = cpu->regs->rflags;

    if (result != EMULATE_DONE)
        return result;
    *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_GP };
    switch (insn.opcode) {
    case 0xa4: /* movs, stos */
    case 0xa5:
    case 0xaa:
    case 0xab:
        return insn.lock ? EMULATE_NOT_OURS
                         : string(cpu, &insn, page, out_fault);
    default:
        break;
    }
    if (!insn.memory)
        return EMULATE_NOT_OURS;
    store.address = emulate_store_address(cpu, &insn);
    if (!lies_in(store.address, insn.size, page))
        return EMULATE_NOT_OURS;
    result = emulate_store(&store, &flags);
    if (result != EMULATE_DONE)
        return result;
    cpu->regs->rflags = flags;
    return emulate_finish(cpu, insn.next, 0, out_fault);
}

enum emulate_result emulate_table_write(const struct emulate_cpu *cpu,
                                        uint64_t address,
                                        struct emulate_fault *out_fault)
{
    enum emulate_result result = EMULATE_NOT_OURS;

    if (cpu->kernel && cpu->code64)
        result = table_write(cpu, address & PAGE_MASK, out_fault);
    return result == EMULATE_AGAIN ? EMULATE_DONE : result;
}
