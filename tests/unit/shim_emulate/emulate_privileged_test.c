/* SPDX-License-Identifier: MIT */
/*
 * #GP: privileged instructions of a guest; ports are in emulate_port_test.c.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-priv-op.c; what it does not emulate
 *         is the guest's own fault.
 *
 * Tried, each fails here: user mode let through to of_kernel(); RDX not
 * cleared by RDMSR; RAX in place of EAX for WRMSR; CR8 or CR1 asked for;
 * REX.R of a control register ignored; DR4 without a look at CR4.DE; XSETBV
 * without one at CR4.OSXSAVE; CLTS that writes CR0 as it was; LOCK ignored;
 * RIP moved although an operation refused; RF left; no #DB behind a step.
 */
#include "model.h"

#include "abi/x86.h"

#define HIGH UINT64_C(0xdeadbeef00000000)

static void expect_fault(enum emulate_result result, unsigned vector)
{
    EXPECT_EQ(EMULATE_FAULT, result);
    EXPECT_EQ(vector, model.fault.vector);
    EXPECT_EQ(0, model.fault.error_code);
}

PVTEST(cpuid_asks_by_32_bits, "and answers with four whole registers")
{
    MODEL_CODE(0x0f, 0xa2);
    model.regs.rax = HIGH | 0x40000001;
    model.regs.rcx = HIGH | 5;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0xbffffffe, model.regs.rax);
    EXPECT_EQ(0xfffffffa, model.regs.rbx);
    EXPECT_EQ(0x40000002, model.regs.rcx);
    EXPECT_EQ(6, model.regs.rdx);
    model.before.rax = model.regs.rax;
    model.before.rbx = model.regs.rbx;
    model.before.rcx = model.regs.rcx;
    model.before.rdx = model.regs.rdx;
    model_expect_only_rip(2);
}

PVTEST(cpuid_of_user_mode, "done, unless the guest's faulting is on")
{
    MODEL_CODE(0x0f, 0xa2);
    model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    MODEL_CODE(0x0f, 0xa2);
    model.cpu.kernel = false;
    model.cpu.cpuid_faulting = true;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    model.cpu.kernel = true;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
}

PVTEST(rdmsr_fills_two_registers, "and clears their upper halves")
{
    MODEL_CODE(0x0f, 0x32);
    model.regs.rcx = HIGH | 0xc0000080;
    model.regs.rax = model.regs.rdx = HIGH;
    model.value = UINT64_C(0x1122334455667788);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0xc0000080, model.number);
    EXPECT_EQ(0x55667788, model.regs.rax);
    EXPECT_EQ(0x11223344, model.regs.rdx);
    model.before.rax = model.regs.rax;
    model.before.rdx = model.regs.rdx;
    model_expect_only_rip(2);
}

PVTEST(wrmsr_takes_two_registers, "the lower half of each")
{
    MODEL_CODE(0x0f, 0x30);
    model.regs.rcx = HIGH | 0xc0000101;
    model.regs.rax = HIGH | 0x55667788;
    model.regs.rdx = HIGH | 0x11223344;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT(model.written);
    EXPECT_EQ(0xc0000101, model.number);
    EXPECT_EQ(UINT64_C(0x1122334455667788), model.value);
    model_expect_only_rip(2);
}

PVTEST(an_operation_refuses, "and nothing has changed")
{
    static const uint8_t codes[][3] = {
        { 0x0f, 0x30 },       { 0x0f, 0x32 },       { 0x0f, 0x20, 0xc0 },
        { 0x0f, 0x22, 0xc0 }, { 0x0f, 0x21, 0xc0 }, { 0x0f, 0x23, 0xc0 },
        { 0x0f, 0x06 },       { 0x0f, 0x31 },       { 0x0f, 0x01, 0xd1 },
        { 0x0f, 0x01, 0xf9 },
    };

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        for (unsigned after = 0; after < 2; after++) {
            model_code(codes[i], 3);
            model.answer = EMULATE_FAULT;
            model.answer_after = after;
            if (model_privileged() == EMULATE_DONE) {
                EXPECT_EQ(1, after); /* it asks once only */
                continue;
            }
            EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
            EXPECT_EQ(X86_VECTOR_GP, model.fault.vector);
            model_code(codes[i], 3);
            model.answer = EMULATE_NOT_OURS;
            model.answer_after = after;
            EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
            model_code(codes[i], 3);
            model.answer = EMULATE_AGAIN;
            model.answer_after = after;
            EXPECT_EQ(EMULATE_DONE, model_privileged());
            EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
        }
    }
}

PVTEST(rdtsc_and_rdtscp, "the second has TSC_AUX too")
{
    MODEL_CODE(0x0f, 0x31);
    model.tsc = UINT64_C(0x123456789abcdef0);
    model.tsc_aux = HIGH | 7;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0x9abcdef0, model.regs.rax);
    EXPECT_EQ(0x12345678, model.regs.rdx);
    EXPECT_EQ(model.before.rcx, model.regs.rcx);

    MODEL_CODE(0x0f, 0x01, 0xf9);
    model.tsc = UINT64_C(0x123456789abcdef0);
    model.tsc_aux = HIGH | 7;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0x9abcdef0, model.regs.rax);
    EXPECT_EQ(0x12345678, model.regs.rdx);
    EXPECT_EQ(7, model.regs.rcx);
    EXPECT_EQ(model.before.rip + 3, model.regs.rip);
}

PVTEST(tsc_of_user_mode, "by the guest's own CR4.TSD")
{
    MODEL_CODE(0x0f, 0x31);
    model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    MODEL_CODE(0x0f, 0x31);
    model.cpu.kernel = false;
    model.cr[4] |= X86_CR4_TSD;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0x0f, 0x01, 0xf9);
    model.cr[4] |= X86_CR4_TSD;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
}

PVTEST(control_registers, "0, 2, 3 and 4, by any general register")
{
    static const unsigned numbers[] = { 0, 2, 3, 4 };

    for (unsigned i = 0; i < 4; i++) {
        uint8_t read[] = { 0x41, 0x0f, 0x20,
                           (uint8_t)(0xc4 | numbers[i] << 3) }; /* r12 */
        uint8_t write[] = { 0x0f, 0x22, /* mod is ignored; rsi */
                            (uint8_t)(0x06 | numbers[i] << 3) };

        model_code(read, sizeof(read));
        model.cr[numbers[i]] = HIGH + i;
        EXPECT_EQ(EMULATE_DONE, model_privileged());
        EXPECT_EQ(HIGH + i, model.regs.r12);
        model.before.r12 = model.regs.r12;
        model_expect_only_rip(4);

        model_code(write, sizeof(write));
        EXPECT_EQ(EMULATE_DONE, model_privileged());
        EXPECT(model.written);
        EXPECT_EQ(numbers[i], model.number);
        EXPECT_EQ(model.regs.rsi, model.value);
        model_expect_only_rip(3);
    }
}

PVTEST(control_registers_that_are_not, "CR1, CR8 and others are not emulated")
{
    MODEL_CODE(0x44, 0x0f, 0x20, 0xc0);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0x44, 0x0f, 0x22, 0xc0);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0xf0, 0x0f, 0x20, 0xc0); /* CR8 of some AMD processors */
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0x0f, 0x20, 0xc8);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0x44, 0x0f, 0x22, 0xd8);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
}

PVTEST(clts_clears_ts, "and nothing else of CR0")
{
    MODEL_CODE(0x0f, 0x06);
    model.cr[0] = 0x8005003b;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT(model.written);
    EXPECT_EQ(0, model.number);
    EXPECT_EQ(0x80050033, model.value);
    model_expect_only_rip(2);
}

PVTEST(debug_registers, "4 and 5 are 6 and 7 without CR4.DE")
{
    for (uint8_t i = 0; i < 8; i++) {
        uint8_t read[] = { 0x0f, 0x21, (uint8_t)(0xc3 | i << 3) };
        uint8_t write[] = { 0x41, 0x0f, 0x23, (uint8_t)(0xc1 | i << 3) };
        unsigned number = i == 4 || i == 5 ? i + 2u : i;

        model_code(read, sizeof(read));
        model.dr[number] = 0x1000 + number;
        EXPECT_EQ(EMULATE_DONE, model_privileged());
        EXPECT_EQ(0x1000 + number, model.regs.rbx);
        model.before.rbx = model.regs.rbx;
        model_expect_only_rip(3);

        model_code(write, sizeof(write));
        EXPECT_EQ(EMULATE_DONE, model_privileged());
        EXPECT_EQ(number, model.number);
        EXPECT_EQ(model.regs.r9, model.value);
        model_expect_only_rip(4);

        model_code(read, sizeof(read));
        model.cr[4] |= X86_CR4_DE;
        if (number == i)
            EXPECT_EQ(EMULATE_DONE, model_privileged());
        else
            expect_fault(model_privileged(), X86_VECTOR_UD);
    }
    MODEL_CODE(0x44, 0x0f, 0x21, 0xc0); /* DR8 */
    expect_fault(model_privileged(), X86_VECTOR_UD);
}

PVTEST(xsetbv, "with CR4.OSXSAVE, by EDX and EAX")
{
    MODEL_CODE(0x0f, 0x01, 0xd1);
    model.regs.rcx = HIGH;
    model.regs.rax = HIGH | 7;
    model.regs.rdx = HIGH | 1;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0, model.number);
    EXPECT_EQ(UINT64_C(0x100000007), model.value);
    model_expect_only_rip(3);
    MODEL_CODE(0x0f, 0x01, 0xd1);
    model.cr[4] = 0;
    expect_fault(model_privileged(), X86_VECTOR_UD);
    EXPECT(!model.written);
}

PVTEST(caches_are_written_back, "WBINVD, WBNOINVD; INVD is not emulated")
{
    MODEL_CODE(0x0f, 0x09);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(1, model.invalidated);
    model_expect_only_rip(2);
    MODEL_CODE(0xf3, 0x0f, 0x09);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(1, model.written_back);
    EXPECT_EQ(0, model.invalidated);
}

PVTEST(cli_and_sti, "skipped where the virtual IOPL allows them")
{
    static const struct {
        bool kernel, architectural;
        uint8_t iopl;
        bool allowed;
    } rows[] = {
        { true, false, 0, false }, { true, false, 1, true },
        { true, true, 0, true },   { false, false, 1, false },
        { false, true, 2, false }, { false, false, 3, true },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint8_t code = 0xfa; code <= 0xfb; code++) {
            model_code(&code, 1);
            model.cpu.kernel = rows[i].kernel;
            model.cpu.architectural_iopl = rows[i].architectural;
            model.cpu.iopl = rows[i].iopl;
            EXPECT_EQ(rows[i].allowed ? EMULATE_DONE : EMULATE_NOT_OURS,
                      model_privileged());
            if (rows[i].allowed)
                model_expect_only_rip(1);
        }
    }
}

PVTEST(user_mode_may_not, "what the kernel may")
{
    static const uint8_t codes[][3] = {
        { 0x0f, 0x01, 0xd1 }, { 0x0f, 0x06 },       { 0x0f, 0x09 },
        { 0x0f, 0x20, 0xc0 }, { 0x0f, 0x21, 0xc0 }, { 0x0f, 0x22, 0xc0 },
        { 0x0f, 0x23, 0xc0 }, { 0x0f, 0x30 },       { 0x0f, 0x32 },
    };

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        model_code(codes[i], 3);
        EXPECT_EQ(EMULATE_DONE, model_privileged());
        model_code(codes[i], 3);
        model.cpu.kernel = false;
        model.cpu.iopl = 3;
        EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    }
}

PVTEST(not_emulated, "as in Xen 4.17, or never #GP(0) for that reason")
{
    static const uint8_t codes[][4] = {
        { 0xf4 },                   /* hlt */
        { 0x0f, 0x08 },             /* invd */
        { 0x0f, 0x01, 0x38 },       /* invlpg */
        { 0x0f, 0x01, 0xf0 },       /* lmsw */
        { 0x0f, 0x01, 0xe0 },       /* smsw */
        { 0x0f, 0x01, 0x10 },       /* lgdt */
        { 0x0f, 0x01, 0xd0 },       /* xgetbv */
        { 0x0f, 0x01, 0xf8 },       /* swapgs */
        { 0x66, 0x0f, 0x01, 0xd1 }, /* no xsetbv */
        { 0x0f, 0x33 },             /* rdpmc */
        { 0x0f, 0x00, 0xd0 },       /* lldt */
        { 0xcf },                   /* iret */
        { 0xcb },                   /* far return */
        { 0xff, 0x28 },             /* far jump */
        { 0x8e, 0xd0 },             /* mov to ss */
        { 0x89, 0x03 },             /* mov to a non-canonical address */
        { 0xa4 },                   /* movs */
        { 0xf0, 0x0f, 0xa2 },       /* lock */
        { 0xf0, 0xe4, 0x60 },
        { 0xc4, 0xe2, 0x79, 0x18 },
    };

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        model_code(codes[i], 4);
        model.cpu.iopl = 3;
        EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    }
}

PVTEST(single_step, "#DB behind the instruction")
{
    MODEL_CODE(0x0f, 0x32);
    model.regs.rflags |= X86_RFLAGS_TF;
    expect_fault(model_privileged(), X86_VECTOR_DB);
    EXPECT_EQ(X86_DR6_BS, model.fault.dr6);
    EXPECT_EQ(model.before.rip + 2, model.regs.rip);
    EXPECT(!(model.regs.rflags & X86_RFLAGS_RF));
}

PVTEST(code_that_ends, "a page fault for the first byte that is missing")
{
    static const uint8_t code[] = { 0x66, 0x41, 0x0f, 0x20, 0xc4 };

    for (unsigned i = 0; i < sizeof(code); i++) {
        model_code(code, i);
        EXPECT_EQ(EMULATE_FAULT, model_privileged());
        EXPECT_EQ(X86_VECTOR_PF, model.fault.vector);
        EXPECT_EQ(X86_PF_FETCH, model.fault.error_code);
        EXPECT_EQ(model_address(i), model.fault.address);
        EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
    }
    model_code(code, 3);
    model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(X86_PF_FETCH | X86_PF_USER, model.fault.error_code);
}

PVTEST(fifteen_bytes, "no instruction is longer")
{
    uint8_t code[16];

    memset(code, 0x66, sizeof(code));
    memcpy(code + 13, (const uint8_t[]){ 0x0f, 0xa2 }, 2);
    model_code(code, 16);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(model.before.rip + 15, model.regs.rip);
    memset(code, 0x66, sizeof(code));
    memcpy(code + 14, (const uint8_t[]){ 0x0f, 0xa2 }, 2);
    model_code(code, 16);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    memset(code, 0x66, sizeof(code));
    model_code(code, 16);
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
}

PVTEST(code_of_32_bits, "no REX there, and RIP has 32 bits")
{
    MODEL_CODE(0x40, 0x0f, 0xa2); /* inc eax; cpuid */
    model.cpu.code64 = false;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    MODEL_CODE(0x0f, 0xa2);
    model.cpu.code64 = model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(model.before.rip + 2, model.regs.rip);
    MODEL_CODE(0x6c); /* ins: a segment with a base */
    model.cpu.code64 = model.cpu.kernel = false;
    model.cpu.iopl = 3;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
}
