/* SPDX-License-Identifier: MIT */
/*
 * RSI, RDI, RCX and REP.
 */
#include "emulate/repeat.h"

#include "abi/x86.h"

uint64_t emulate_repeat_count(const struct emulate_cpu *cpu,
                              const struct emulate_insn *insn)
{
    return insn->repeat ? emulate_offset(insn, cpu->regs->rcx) : 1;
}

static void move(const struct emulate_cpu *cpu, const struct emulate_insn *insn,
                 uint64_t *place)
{
    uint64_t step =
        cpu->regs->rflags & X86_RFLAGS_DF ? -(uint64_t)insn->size : insn->size;

    *place = emulate_offset(insn, *place + step);
}

void emulate_repeat_step(const struct emulate_cpu *cpu,
                         const struct emulate_insn *insn, unsigned registers)
{
    if (registers & EMULATE_SOURCE)
        move(cpu, insn, &cpu->regs->rsi);
    if (registers & EMULATE_DESTINATION)
        move(cpu, insn, &cpu->regs->rdi);
    if (insn->repeat)
        cpu->regs->rcx = emulate_offset(insn, cpu->regs->rcx - 1);
}

enum emulate_result emulate_repeat_finish(const struct emulate_cpu *cpu,
                                          const struct emulate_insn *insn,
                                          unsigned registers, uint64_t dr6,
                                          struct emulate_fault *out_fault)
{
    struct cpu_user_regs *regs = cpu->regs;

    if (!insn->repeat || !emulate_repeat_count(cpu, insn)) {
        /* 32-bit addresses clear the upper halves even if nothing was done. */
        if (registers & EMULATE_SOURCE)
            regs->rsi = emulate_offset(insn, regs->rsi);
        if (registers & EMULATE_DESTINATION)
            regs->rdi = emulate_offset(insn, regs->rdi);
        if (insn->repeat)
            regs->rcx = 0;
        return emulate_finish(cpu, insn->next, dr6, out_fault);
    }
    if (dr6 || regs->rflags & X86_RFLAGS_TF)
        return emulate_finish(cpu, regs->rip, dr6, out_fault);
    return EMULATE_DONE;
}
