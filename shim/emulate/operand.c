/* SPDX-License-Identifier: MIT */
/*
 * Registers, addresses and the end of an instruction.
 */
#include "emulate/insn.h"

#include "abi/x86.h"

#include <stddef.h>

enum {
    AH = 4, /* to BH: bits 8 to 15 of 0 to 3 */
};

uint64_t *emulate_register(struct cpu_user_regs *regs, unsigned number)
{
#define AT(name) offsetof(struct cpu_user_regs, name) / sizeof(uint64_t)
    static const uint8_t places[16] = {
        AT(rax), AT(rcx), AT(rdx), AT(rbx), AT(rsp), AT(rbp), AT(rsi), AT(rdi),
        AT(r8),  AT(r9),  AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
    };
#undef AT

    return (uint64_t *)(void *)regs + places[number & 15];
}

uint64_t emulate_truncate(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1);
}

static bool is_high_byte(const struct emulate_insn *insn, unsigned number)
{
    return insn->size == 1 && !insn->rex && number >= AH && number < AH + 4;
}

uint64_t emulate_get(const struct emulate_cpu *cpu,
                     const struct emulate_insn *insn, unsigned number)
{
    if (is_high_byte(insn, number))
        return *emulate_register(cpu->regs, number - AH) >> 8 & 0xff;
    return emulate_truncate(*emulate_register(cpu->regs, number), insn->size);
}

void emulate_set(const struct emulate_cpu *cpu, const struct emulate_insn *insn,
                 unsigned number, uint64_t value)
{
    unsigned shift = is_high_byte(insn, number) ? 8 : 0;
    uint64_t *whole = emulate_register(cpu->regs, number - (shift ? AH : 0));
    uint64_t mask = emulate_truncate(UINT64_MAX, insn->size);

    if (insn->size >= 4)
        *whole = value & mask;
    else
        *whole = (*whole & ~(mask << shift)) | (value & mask) << shift;
}

uint64_t emulate_offset(const struct emulate_insn *insn, uint64_t offset)
{
    return insn->address32 ? (uint32_t)offset : offset;
}

uint64_t emulate_linear(const struct emulate_cpu *cpu,
                        const struct emulate_insn *insn, uint64_t offset)
{
    offset = emulate_offset(insn, offset);
    switch (insn->base) {
    case EMULATE_BASE_FS:
        return offset + cpu->ops->segment_base(cpu->context, EMULATE_FS);
    case EMULATE_BASE_GS:
        return offset + cpu->ops->segment_base(cpu->context, EMULATE_GS);
    default:
        return offset;
    }
}

struct emulate_fault emulate_fetch_fault(const struct emulate_cpu *cpu,
                                         uint64_t address)
{
    return (struct emulate_fault){
        .vector = X86_VECTOR_PF,
        .error_code = X86_PF_FETCH | (cpu->kernel ? 0 : X86_PF_USER),
        .address = address,
    };
}

void emulate_cpuid(const struct emulate_cpu *cpu)
{
    struct cpu_user_regs *regs = cpu->regs;
    uint32_t out[4];

    cpu->ops->cpuid(cpu->context, (uint32_t)regs->rax, (uint32_t)regs->rcx,
                    out);
    regs->rax = out[0];
    regs->rbx = out[1];
    regs->rcx = out[2];
    regs->rdx = out[3];
}

enum emulate_result emulate_finish(const struct emulate_cpu *cpu, uint64_t next,
                                   uint64_t dr6,
                                   struct emulate_fault *out_fault)
{
    cpu->regs->rip = next;
    cpu->regs->rflags &= ~(uint64_t)X86_RFLAGS_RF;
    if (cpu->regs->rflags & X86_RFLAGS_TF)
        dr6 |= X86_DR6_BS;
    if (!dr6)
        return EMULATE_DONE;
    *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_DB, .dr6 = dr6 };
    return EMULATE_FAULT;
}
