/* SPDX-License-Identifier: MIT */
/*
 * CPUID behind Xen's prefix, "ud2; .ascii "xen"": Xen's answer instead of the
 * processor's.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-inv-op.c.
 */
#include "emulate/insn.h"

#include "abi/x86.h"

enum {
    PREFIX = 5,
    WHOLE = 7,
};

enum emulate_result emulate_invalid(const struct emulate_cpu *cpu,
                                    struct emulate_fault *out_fault)
{
    static const uint8_t wanted[WHOLE] = {
        0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2
    };
    struct cpu_user_regs *regs = cpu->regs;
    uint8_t code[WHOLE];
    unsigned have =
        cpu->ops->fetch(cpu->context, regs->rip, code, sizeof(code));

    for (unsigned i = 0; i < have && i < WHOLE; i++)
        if (code[i] != wanted[i])
            return EMULATE_NOT_OURS;
    if (have < 2) /* UD2 itself was executed a moment ago */
        return EMULATE_NOT_OURS;
    if (have < WHOLE) {
        *out_fault = emulate_fetch_fault(cpu, regs->rip + have);
        return EMULATE_FAULT;
    }
    if (!cpu->kernel && cpu->cpuid_faulting) {
        regs->rip += PREFIX;
        *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_GP };
        return EMULATE_FAULT;
    }
    emulate_cpuid(cpu);
    return emulate_finish(cpu, regs->rip + WHOLE, 0, out_fault);
}
