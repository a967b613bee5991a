/* SPDX-License-Identifier: MIT */
/*
 * IN, OUT, INS and OUTS, with the guest's breakpoints on ports.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-priv-op.c, guest_io_okay() and
 *         check_guest_io_breakpoint().
 */
#include "emulate/port.h"
#include "emulate/repeat.h"

#include "abi/x86.h"

enum {
    /*
     * As often is a REP done in one go: it is bounded because the guest gets
     * no event meanwhile, and its fault is small against as many accesses.
     */
    AT_ONCE = 256,
};

bool emulate_iopl_allows(const struct emulate_cpu *cpu)
{
    unsigned privilege = cpu->architectural_iopl ? 0 : 1;

    return (cpu->kernel ? privilege : 3) <= cpu->iopl;
}

/* The breakpoints that an access meets, as in DR6. */
static uint64_t breakpoints(const struct emulate_cpu *cpu, uint32_t port,
                            unsigned bytes)
{
    static const uint8_t lengths[4] = { 1, 2, 8, 4 };
    struct emulate_fault ignored;
    uint64_t dr7, cr4, address, met = 0;

    if (cpu->ops->read_dr(cpu->context, 7, &dr7, &ignored) != EMULATE_DONE ||
        !(dr7 & 0xff) ||
        cpu->ops->read_cr(cpu->context, 4, &cr4, &ignored) != EMULATE_DONE ||
        !(cr4 & X86_CR4_DE))
        return 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned length = lengths[dr7 >> (X86_DR7_LEN_SHIFT + 4 * i) & 3];

        if (!(dr7 >> 2 * i & X86_DR7_ENABLED) ||
            (dr7 >> (X86_DR7_RW_SHIFT + 4 * i) & 3) != X86_DR7_RW_IO ||
            cpu->ops->read_dr(cpu->context, i, &address, &ignored) !=
                EMULATE_DONE)
            continue;
        address &= ~(uint64_t)(length - 1);
        if (address < port + bytes && port < address + length)
            met |= UINT64_C(1) << i;
    }
    return met;
}

static enum emulate_result in_or_out(const struct emulate_cpu *cpu,
                                     struct emulate_insn *insn, uint16_t port,
                                     struct emulate_fault *out_fault)
{
    enum { RAX = 0 };
    uint64_t met = breakpoints(cpu, port, insn->size);

    if (insn->opcode & 2)
        cpu->ops->port_write(cpu->context, port, insn->size,
                             (uint32_t)emulate_get(cpu, insn, RAX));
    else
        emulate_set(cpu, insn, RAX,
                    cpu->ops->port_read(cpu->context, port, insn->size));
    return emulate_finish(cpu, insn->next, met, out_fault);
}

/* One element. */
static enum emulate_result transfer(const struct emulate_cpu *cpu,
                                    const struct emulate_insn *insn,
                                    uint16_t port,
                                    struct emulate_fault *out_fault)
{
    uint8_t bytes[4] = { 0 };
    enum emulate_result result;
    uint32_t value = 0;

    if (insn->opcode & 2) {
        result = cpu->ops->read(cpu->context,
                                emulate_linear(cpu, insn, cpu->regs->rsi),
                                bytes, insn->size, out_fault);
        for (unsigned i = 0; i < insn->size; i++)
            value |= (uint32_t)bytes[i] << 8 * i;
        if (result == EMULATE_DONE)
            cpu->ops->port_write(cpu->context, port, insn->size, value);
        return result;
    }
    value = cpu->ops->port_read(cpu->context, port, insn->size);
    for (unsigned i = 0; i < insn->size; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    return cpu->ops->write(cpu->context, emulate_offset(insn, cpu->regs->rdi),
                           bytes, insn->size, out_fault);
}

static enum emulate_result string(const struct emulate_cpu *cpu,
                                  const struct emulate_insn *insn,
                                  uint16_t port,
                                  struct emulate_fault *out_fault)
{
    unsigned registers =
        insn->opcode & 2 ? EMULATE_SOURCE : EMULATE_DESTINATION;
    uint64_t count = emulate_repeat_count(cpu, insn);
    uint64_t met = count ? breakpoints(cpu, port, insn->size) : 0;

    if (count > 1 && (met || cpu->regs->rflags & X86_RFLAGS_TF))
        count = 1;
    if (count > AT_ONCE)
        count = AT_ONCE;
    for (uint64_t i = 0; i < count; i++) {
        enum emulate_result result = transfer(cpu, insn, port, out_fault);

        if (result == EMULATE_NOT_OURS && i)
            return EMULATE_DONE; /* what has been done is done */
        if (result != EMULATE_DONE)
            return result;
        emulate_repeat_step(cpu, insn, registers);
    }
    return emulate_repeat_finish(cpu, insn, registers, met, out_fault);
}

enum emulate_result emulate_port(const struct emulate_cpu *cpu,
                                 const struct emulate_insn *insn,
                                 struct emulate_fault *out_fault)
{
    struct emulate_insn sized = *insn;
    bool is_string = insn->opcode < 0x70;
    bool by_dx = is_string || insn->opcode & 8;
    uint16_t port = by_dx ? (uint16_t)cpu->regs->rdx : (uint8_t)insn->immediate;

    if (sized.size == 8) /* REX.W means nothing */
        sized.size = 4;
    if (!emulate_iopl_allows(cpu) &&
        !cpu->ops->port_allowed(cpu->context, port, sized.size))
        return EMULATE_NOT_OURS;
    if (!is_string)
        return in_or_out(cpu, &sized, port, out_fault);
    if (!cpu->code64) /* segments with bases of their own */
        return EMULATE_NOT_OURS;
    return string(cpu, &sized, port, out_fault);
}
