/* SPDX-License-Identifier: MIT */
/*
 * #UD: CPUID behind Xen's prefix.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-inv-op.c.
 *
 * Tried, each fails here: one byte of the prefix not compared; a page fault in
 * place of the guest's #UD where what can be read is another instruction; RIP
 * in front of the prefix for #GP; EBX not written.
 */
#include "model.h"

#include "abi/x86.h"

static const uint8_t forced[] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };

PVTEST(forced_cpuid, "Xen's answer, and seven bytes further")
{
    model_code(forced, sizeof(forced));
    model.regs.rax = UINT64_C(0xffffffff40000000);
    model.regs.rcx = UINT64_C(0xffffffff00000003);
    EXPECT_EQ(EMULATE_DONE, model_invalid());
    EXPECT_EQ(0xbfffffff, model.regs.rax);
    EXPECT_EQ(0xfffffffc, model.regs.rbx);
    EXPECT_EQ(0x40000001, model.regs.rcx);
    EXPECT_EQ(4, model.regs.rdx);
    EXPECT_EQ(model.before.rip + 7, model.regs.rip);
    EXPECT(!(model.regs.rflags & X86_RFLAGS_RF));
}

PVTEST(another_byte_is_another_instruction, "each of the seven counts")
{
    for (unsigned i = 0; i < sizeof(forced); i++) {
        uint8_t code[sizeof(forced)];

        memcpy(code, forced, sizeof(code));
        code[i] ^= 1;
        model_code(code, sizeof(code));
        EXPECT_EQ(EMULATE_NOT_OURS, model_invalid());
    }
    MODEL_CODE(0x0f, 0x0b, 0x00, 0x00);
    EXPECT_EQ(EMULATE_NOT_OURS, model_invalid());
    MODEL_CODE(0x0f, 0x0b, 'k', 'v', 'm', 0x0f, 0xa2);
    EXPECT_EQ(EMULATE_NOT_OURS, model_invalid());
}

PVTEST(prefix_that_ends, "a page fault, if it may be the prefix")
{
    for (unsigned i = 2; i < sizeof(forced); i++) {
        model_code(forced, i);
        EXPECT_EQ(EMULATE_FAULT, model_invalid());
        EXPECT_EQ(X86_VECTOR_PF, model.fault.vector);
        EXPECT_EQ(X86_PF_FETCH, model.fault.error_code);
        EXPECT_EQ(model_address(i), model.fault.address);
        EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
    }
    MODEL_CODE(0x0f, 0x0b, 'y');
    EXPECT_EQ(EMULATE_NOT_OURS, model_invalid());
}

PVTEST(faulting_in_user_mode, "#GP at the CPUID itself")
{
    model_code(forced, sizeof(forced));
    model.cpu.kernel = false;
    model.cpu.cpuid_faulting = true;
    EXPECT_EQ(EMULATE_FAULT, model_invalid());
    EXPECT_EQ(X86_VECTOR_GP, model.fault.vector);
    EXPECT_EQ(0, model.fault.error_code);
    EXPECT_EQ(model.before.rip + 5, model.regs.rip);
    EXPECT_EQ(model.before.rax, model.regs.rax);

    model_code(forced, sizeof(forced));
    model.cpu.cpuid_faulting = true;
    EXPECT_EQ(EMULATE_DONE, model_invalid());
}

PVTEST(single_step, "#DB behind all of it")
{
    model_code(forced, sizeof(forced));
    model.regs.rflags |= X86_RFLAGS_TF;
    EXPECT_EQ(EMULATE_FAULT, model_invalid());
    EXPECT_EQ(X86_VECTOR_DB, model.fault.vector);
    EXPECT_EQ(X86_DR6_BS, model.fault.dr6);
    EXPECT_EQ(model.before.rip + 7, model.regs.rip);
}
