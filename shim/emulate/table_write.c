/* SPDX-License-Identifier: MIT */
/*
 * Stores to a read-only table: one of any instruction, or of a REP as many as
 * lie in the page.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/ro-page-fault.c, ptwr_emulated_update():
 *         aligned stores of up to 8 bytes to the page that faulted. Xen does
 *         one of a REP at each fault.
 */
#include "emulate/repeat.h"
#include "emulate/store.h"

#include "abi/x86.h"

#define PAGE_MASK (~UINT64_C(0xfff))

/* Whether it is an operand that can be stored to in the page at 'page'. */
static bool lies_in(uint64_t address, unsigned size, uint64_t page)
{
    return size <= 8 && (address & PAGE_MASK) == page &&
           !(address & (size - 1));
}

/* The value that one MOVS or STOS stores. */
static enum emulate_result source(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  uint64_t *out_value,
                                  struct emulate_fault *out_fault)
{
    uint8_t bytes[8] = { 0 };
    enum emulate_result result = EMULATE_DONE;

    *out_value = cpu->regs->rax;
    if (insn->opcode >= 0xaa)
        return result;
    result =
        cpu->ops->read(cpu->context, emulate_linear(cpu, insn, cpu->regs->rsi),
                       bytes, insn->size, out_fault);
    *out_value = 0;
    for (unsigned i = 0; i < insn->size; i++)
        *out_value |= (uint64_t)bytes[i] << 8 * i;
    return result;
}

static enum emulate_result string(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  uint64_t page,
                                  struct emulate_fault *out_fault)
{
    unsigned registers = insn->opcode >= 0xaa
                             ? EMULATE_DESTINATION
                             : EMULATE_SOURCE | EMULATE_DESTINATION;
    bool single_step = cpu->regs->rflags & X86_RFLAGS_TF;
    uint64_t count = emulate_repeat_count(cpu, insn);
    struct emulate_store store = { cpu, insn, 0, 0, out_fault };
    enum emulate_result result = EMULATE_DONE;
    uint64_t value;

    for (uint64_t i = 0; i < count && !(i && single_step); i++) {
        store.address = emulate_offset(insn, cpu->regs->rdi);
        if (!lies_in(store.address, insn->size, page))
            result = EMULATE_NOT_OURS;
        else
            result = source(cpu, insn, &value, out_fault);
        if (result == EMULATE_DONE)
            result = emulate_store_value(&store, value);
        if (result == EMULATE_NOT_OURS && i)
            break; /* what has been done is done */
        if (result != EMULATE_DONE)
            return result;
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
