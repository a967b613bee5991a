/* SPDX-License-Identifier: MIT */
/*
 * What raises #GP in ring 3: control and debug registers, MSRs, CPUID, TSC;
 * ports are in port.c.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-priv-op.c, validate(): what is
 *         emulated at all; xen/arch/x86/x86_emulate.c, x86emul_read_dr().
 */
#include "emulate/insn.h"
#include "emulate/port.h"

#include "abi/x86.h"

enum {
    GROUP_7_XSETBV = 2, /* 0f 01 d1 */
    GROUP_7_RDTSCP = 7, /* 0f 01 f9 */
};

static enum emulate_result done(const struct emulate_cpu *cpu,
                                const struct emulate_insn *insn,
                                struct emulate_fault *out_fault)
{
    return emulate_finish(cpu, insn->next, 0, out_fault);
}

static enum emulate_result raise_ud(struct emulate_fault *out_fault)
{
    *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_UD };
    return EMULATE_FAULT;
}

static void put_pair(struct cpu_user_regs *regs, uint64_t value)
{
    regs->rax = (uint32_t)value;
    regs->rdx = value >> 32;
}

static uint64_t pair(const struct cpu_user_regs *regs)
{
    return regs->rdx << 32 | (uint32_t)regs->rax;
}

static enum emulate_result cpuid(const struct emulate_cpu *cpu,
                                 const struct emulate_insn *insn,
                                 struct emulate_fault *out_fault)
{
    if (!cpu->kernel && cpu->cpuid_faulting)
        return EMULATE_NOT_OURS;
    emulate_cpuid(cpu);
    return done(cpu, insn, out_fault);
}

/* RDTSC and RDTSCP: user mode may if CR4.TSD is clear. */
static enum emulate_result read_tsc(const struct emulate_cpu *cpu,
                                    const struct emulate_insn *insn,
                                    bool with_aux,
                                    struct emulate_fault *out_fault)
{
    uint64_t cr4 = 0, aux = 0, tsc = 0;
    enum emulate_result result = EMULATE_DONE;

    if (!cpu->kernel)
        result = cpu->ops->read_cr(cpu->context, 4, &cr4, out_fault);
    if (result == EMULATE_DONE && cr4 & X86_CR4_TSD)
        return EMULATE_NOT_OURS;
    if (result == EMULATE_DONE && with_aux)
        result = cpu->ops->read_msr(cpu->context, MSR_TSC_AUX, &aux, out_fault);
    if (result == EMULATE_DONE)
        result =
            cpu->ops->read_msr(cpu->context, MSR_IA32_TSC, &tsc, out_fault);
    if (result != EMULATE_DONE)
        return result;
    if (with_aux)
        cpu->regs->rcx = (uint32_t)aux;
    put_pair(cpu->regs, tsc);
    return done(cpu, insn, out_fault);
}

static enum emulate_result read_msr(const struct emulate_cpu *cpu,
                                    const struct emulate_insn *insn,
                                    struct emulate_fault *out_fault)
{
    uint64_t value = 0;
    enum emulate_result result = cpu->ops->read_msr(
        cpu->context, (uint32_t)cpu->regs->rcx, &value, out_fault);

    if (result != EMULATE_DONE)
        return result;
    put_pair(cpu->regs, value);
    return done(cpu, insn, out_fault);
}

static enum emulate_result write_msr(const struct emulate_cpu *cpu,
                                     const struct emulate_insn *insn,
                                     struct emulate_fault *out_fault)
{
    enum emulate_result result = cpu->ops->write_msr(
        cpu->context, (uint32_t)cpu->regs->rcx, pair(cpu->regs), out_fault);

    return result == EMULATE_DONE ? done(cpu, insn, out_fault) : result;
}

/* MOV from and to a control register. */
static enum emulate_result move_cr(const struct emulate_cpu *cpu,
                                   const struct emulate_insn *insn,
                                   struct emulate_fault *out_fault)
{
    uint64_t *place = emulate_register(cpu->regs, insn->rm);
    uint64_t value = *place;
    enum emulate_result result;

    if (insn->reg > 4 || insn->reg == 1)
        return EMULATE_NOT_OURS;
    if (insn->opcode == EMULATE_0F(0x22))
        result = cpu->ops->write_cr(cpu->context, insn->reg, value, out_fault);
    else
        result = cpu->ops->read_cr(cpu->context, insn->reg, &value, out_fault);
    if (result != EMULATE_DONE)
        return result;
    if (insn->opcode == EMULATE_0F(0x20))
        *place = value;
    return done(cpu, insn, out_fault);
}

/* MOV from and to a debug register. 4 and 5 are 6 and 7, or #UD. */
static enum emulate_result move_dr(const struct emulate_cpu *cpu,
                                   const struct emulate_insn *insn,
                                   struct emulate_fault *out_fault)
{
    uint64_t *place = emulate_register(cpu->regs, insn->rm);
    uint64_t value = *place, cr4;
    unsigned number = insn->reg;
    enum emulate_result result;

    if (number > 7)
        return raise_ud(out_fault);
    if (number == 4 || number == 5) {
        result = cpu->ops->read_cr(cpu->context, 4, &cr4, out_fault);
        if (result != EMULATE_DONE)
            return result;
        if (cr4 & X86_CR4_DE)
            return raise_ud(out_fault);
        number += 2;
    }
    if (insn->opcode == EMULATE_0F(0x23))
        result = cpu->ops->write_dr(cpu->context, number, value, out_fault);
    else
        result = cpu->ops->read_dr(cpu->context, number, &value, out_fault);
    if (result != EMULATE_DONE)
        return result;
    if (insn->opcode == EMULATE_0F(0x21))
        *place = value;
    return done(cpu, insn, out_fault);
}

static enum emulate_result clear_ts(const struct emulate_cpu *cpu,
                                    const struct emulate_insn *insn,
                                    struct emulate_fault *out_fault)
{
    uint64_t cr0;
    enum emulate_result result =
        cpu->ops->read_cr(cpu->context, 0, &cr0, out_fault);

    if (result == EMULATE_DONE)
        result = cpu->ops->write_cr(cpu->context, 0,
                                    cr0 & ~(uint64_t)X86_CR0_TS, out_fault);
    return result == EMULATE_DONE ? done(cpu, insn, out_fault) : result;
}

static enum emulate_result set_xcr(const struct emulate_cpu *cpu,
                                   const struct emulate_insn *insn,
                                   struct emulate_fault *out_fault)
{
    uint64_t cr4;
    enum emulate_result result =
        cpu->ops->read_cr(cpu->context, 4, &cr4, out_fault);

    if (result == EMULATE_DONE && !(cr4 & X86_CR4_OSXSAVE))
        return raise_ud(out_fault);
    if (result == EMULATE_DONE)
        result = cpu->ops->write_xcr(cpu->context, (uint32_t)cpu->regs->rcx,
                                     pair(cpu->regs), out_fault);
    return result == EMULATE_DONE ? done(cpu, insn, out_fault) : result;
}

/* What the kernel may and user mode may not. */
static enum emulate_result of_kernel(const struct emulate_cpu *cpu,
                                     const struct emulate_insn *insn,
                                     struct emulate_fault *out_fault)
{
    switch (insn->opcode) {
    case EMULATE_0F(0x01):
        return set_xcr(cpu, insn, out_fault);
    case EMULATE_0F(0x06):
        return clear_ts(cpu, insn, out_fault);
    case EMULATE_0F(0x09):
        cpu->ops->write_back(cpu->context, insn->repeat != 0xf3);
        return done(cpu, insn, out_fault);
    case EMULATE_0F(0x20):
    case EMULATE_0F(0x22):
        return move_cr(cpu, insn, out_fault);
    case EMULATE_0F(0x21):
    case EMULATE_0F(0x23):
        return move_dr(cpu, insn, out_fault);
    case EMULATE_0F(0x30):
        return write_msr(cpu, insn, out_fault);
    case EMULATE_0F(0x32):
        return read_msr(cpu, insn, out_fault);
    default:
        return EMULATE_NOT_OURS;
    }
}

static enum emulate_result of_all(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  struct emulate_fault *out_fault)
{
    switch (insn->opcode) {
    case 0x6c:
    case 0x6d:
    case 0x6e:
    case 0x6f: /* ins, outs */
    case 0xe4:
    case 0xe5:
    case 0xe6:
    case 0xe7: /* in, out */
    case 0xec:
    case 0xed:
    case 0xee:
    case 0xef:
        return emulate_port(cpu, insn, out_fault);
    case 0xfa: /* cli, sti */
    case 0xfb:
        return emulate_iopl_allows(cpu) ? done(cpu, insn, out_fault)
                                        : EMULATE_NOT_OURS;
    case EMULATE_0F(0x01):
        if (insn->memory || (insn->rm & 7) != 1 || insn->repeat || insn->data16)
            return EMULATE_NOT_OURS;
        if ((insn->reg & 7) == GROUP_7_RDTSCP)
            return read_tsc(cpu, insn, true, out_fault);
        if ((insn->reg & 7) != GROUP_7_XSETBV)
            return EMULATE_NOT_OURS;
        break;
    case EMULATE_0F(0x31):
        return read_tsc(cpu, insn, false, out_fault);
    case EMULATE_0F(0xa2):
        return cpuid(cpu, insn, out_fault);
    default:
        break;
    }
    return cpu->kernel ? of_kernel(cpu, insn, out_fault) : EMULATE_NOT_OURS;
}

enum emulate_result emulate_privileged(const struct emulate_cpu *cpu,
                                       struct emulate_fault *out_fault)
{
    struct emulate_insn insn;
    enum emulate_result result = emulate_decode(cpu, &insn, out_fault);

    if (result != EMULATE_DONE)
        return result;
    if (insn.lock) /* an invalid opcode */
        return EMULATE_NOT_OURS;
    *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_GP };
    result = of_all(cpu, &insn, out_fault);
    return result == EMULATE_AGAIN ? EMULATE_DONE : result;
}
