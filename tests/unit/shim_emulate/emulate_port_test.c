/* SPDX-License-Identifier: MIT */
/*
 * #GP: IN, OUT, INS and OUTS.
 *
 * Source: Intel SDM volume 2, IN, OUT, INS, OUTS; volume 1, 19.5 (I/O
 *         privilege); volume 3B, 17.2.4 (breakpoints on ports).
 *
 * Tried, each fails here: a port of 8 bits sign-extended; the upper half of
 * RAX kept by IN of 4 bytes; REX.W taken for 8 bytes; IN for OUT; the bitmap
 * not asked; INS by RSI; OUTS without its segment; DF or 67 ignored; RCX not
 * counted; no end after 256; a fault in the middle that undoes what was done;
 * RIP moved while RCX is not 0; a breakpoint of another kind, length or port.
 */
#include "model.h"

#include "abi/x86.h"

#define HIGH UINT64_C(0xdeadbeef00000000)

/* 'code' with I/O allowed. */
#define PORT_CODE(...)                                                         \
    do {                                                                       \
        MODEL_CODE(__VA_ARGS__);                                               \
        model.cpu.iopl = 1;                                                    \
        model.value = 0x81828384;                                              \
        model.regs.rax = HIGH | 0x11223344;                                    \
        model.regs.rdx = HIGH | 0x00010cf8;                                    \
    } while (0)

static void expect_port(unsigned port, unsigned bytes, uint64_t rax,
                        unsigned length)
{
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(port, model.port);
    EXPECT_EQ(bytes, model.port_bytes);
    EXPECT_EQ(1, model.port_count);
    EXPECT_EQ(rax, model.regs.rax);
    model.before.rax = rax;
    model_expect_only_rip(length);
}

PVTEST(in_fills_its_part_of_rax, "AL, AX, or all of it")
{
    PORT_CODE(0xe4, 0xf1);
    expect_port(0xf1, 1, HIGH | 0x11223384, 2);
    PORT_CODE(0x66, 0xe5, 0xf1);
    expect_port(0xf1, 2, HIGH | 0x11228384, 3);
    PORT_CODE(0xe5, 0x71);
    expect_port(0x71, 4, 0x81828384, 2);
    PORT_CODE(0xec);
    expect_port(0xcf8, 1, HIGH | 0x11223384, 1);
    PORT_CODE(0x66, 0xed);
    expect_port(0xcf8, 2, HIGH | 0x11228384, 2);
    PORT_CODE(0xed);
    expect_port(0xcf8, 4, 0x81828384, 1);
    PORT_CODE(0x48, 0xed);
    expect_port(0xcf8, 4, 0x81828384, 2);
}

PVTEST(out_takes_its_part_of_rax, "AL, AX, EAX")
{
    static const struct {
        uint8_t code[3];
        unsigned length, port, bytes;
        uint32_t value;
    } rows[] = {
        { { 0xe6, 0x80 }, 2, 0x80, 1, 0x44 },
        { { 0x66, 0xe7, 0x80 }, 3, 0x80, 2, 0x3344 },
        { { 0xe7, 0x80 }, 2, 0x80, 4, 0x11223344 },
        { { 0xee }, 1, 0xcf8, 1, 0x44 },
        { { 0x66, 0xef }, 2, 0xcf8, 2, 0x3344 },
        { { 0xef }, 1, 0xcf8, 4, 0x11223344 },
        { { 0x48, 0xef }, 2, 0xcf8, 4, 0x11223344 },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        PORT_CODE(0);
        memcpy(model.code, rows[i].code, 3);
        model.readable = rows[i].length;
        expect_port(rows[i].port, rows[i].bytes, HIGH | 0x11223344,
                    rows[i].length);
        EXPECT_EQ(rows[i].value, model.port_values[0]);
    }
}

PVTEST(who_may, "the I/O privilege level, or else the bitmap")
{
    PORT_CODE(0x66, 0xed);
    model.cpu.iopl = 0;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    EXPECT_EQ(0xcf8, model.port); /* the bitmap was asked */
    EXPECT_EQ(2, model.port_bytes);
    model.bitmap = true;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    PORT_CODE(0x6c);
    model.cpu.iopl = 0;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    PORT_CODE(0xed);
    model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_NOT_OURS, model_privileged());
    model.cpu.iopl = 3;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    PORT_CODE(0xed);
    model.cpu.code64 = model.cpu.kernel = false;
    model.bitmap = true;
    expect_port(0xcf8, 4, 0x81828384, 1);
}

/* String instructions begin at this place of the memory. */
enum { PLACE = MODEL_MEMORY + 0x100 };

PVTEST(ins_goes_to_rdi, "one, with no count and no segment")
{
    PORT_CODE(0x65, 0x66, 0x6d);
    model.regs.rdi = model_address(PLACE);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(2, model.port_bytes);
    EXPECT_EQ(0x8384, model_entry(PLACE) & 0xffff);
    model.before.rdi += 2;
    model_expect_only_rip(3);
}

PVTEST(outs_comes_from_rsi, "by its segment")
{
    PORT_CODE(0x65, 0x6f);
    model.regs.rsi = model_address(PLACE) - MODEL_GS_BASE;
    model_set_entry(PLACE, UINT64_C(0x8877665544332211));
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0x44332211, model.port_values[0]);
    model.before.rsi += 4;
    model_expect_only_rip(2);
    PORT_CODE(0x64, 0x6e);
    model.regs.rsi = model_address(PLACE + 1) - MODEL_FS_BASE;
    model_set_entry(PLACE, UINT64_C(0x8877665544332211));
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0x22, model.port_values[0]);
}

PVTEST(rep_ins, "upwards and downwards")
{
    PORT_CODE(0xf3, 0x6d);
    model.regs.rdi = model_address(PLACE);
    model.regs.rcx = 3;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    for (unsigned i = 0; i < 3; i++)
        EXPECT_EQ(0x81828384 + i, (uint32_t)model_entry(PLACE + 4 * i));
    EXPECT_EQ(3, model.port_count);
    model.before.rdi += 12;
    model.before.rcx = 0;
    model_expect_only_rip(2);

    PORT_CODE(0xf2, 0x6c);
    model.regs.rdi = model_address(PLACE);
    model.regs.rcx = 2;
    model.regs.rflags |= X86_RFLAGS_DF;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0x8485, model_entry(PLACE - 1) & 0xffff);
    EXPECT_EQ(model_address(PLACE - 2), model.regs.rdi);
}

PVTEST(rep_outs_of_32_bit_addresses, "upper halves are cleared, none counts")
{
    PORT_CODE(0x67, 0xf3, 0x6e);
    model.regs.rsi = HIGH | model_address(PLACE);
    model.regs.rcx = HIGH | 2;
    model.regs.rdi = HIGH;
    model_set_entry(PLACE, 0x2211);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(2, model.port_count);
    EXPECT_EQ(0x11, model.port_values[0]);
    EXPECT_EQ(0x22, model.port_values[1]);
    EXPECT_EQ(model_address(PLACE + 2), model.regs.rsi);
    EXPECT_EQ(0, model.regs.rcx);
    EXPECT_EQ(HIGH, model.regs.rdi);
}

PVTEST(rep_of_none, "nothing is done, and it is over")
{
    PORT_CODE(0xf3, 0x6e);
    model.regs.rcx = 0;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(0, model.port_count);
    model_expect_only_rip(2);
}

PVTEST(long_rep, "256 in one go; the guest comes again for the rest")
{
    PORT_CODE(0xf3, 0x6c);
    model.regs.rdi = model_address(PLACE);
    model.regs.rcx = 300;
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(256, model.port_count);
    EXPECT_EQ(44, model.regs.rcx);
    EXPECT_EQ(model_address(PLACE + 256), model.regs.rdi);
    EXPECT_EQ(model.before.rip, model.regs.rip);
    EXPECT_EQ(EMULATE_DONE, model_privileged());
    EXPECT_EQ(300, model.port_count);
    EXPECT_EQ(0, model.regs.rcx);
    EXPECT_EQ(model.before.rip + 2, model.regs.rip);
}

PVTEST(page_that_is_not_there, "what was done before stays done")
{
    PORT_CODE(0xf3, 0x6d);
    model.regs.rdi = model_address(MODEL_MEMORY + MODEL_BYTES - 8);
    model.regs.rcx = 5;
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(X86_VECTOR_PF, model.fault.vector);
    EXPECT_EQ(X86_PF_WRITE, model.fault.error_code);
    EXPECT_EQ(model_address(MODEL_MEMORY + MODEL_BYTES), model.fault.address);
    EXPECT_EQ(3, model.regs.rcx);
    EXPECT_EQ(model.fault.address, model.regs.rdi);
    EXPECT_EQ(model.before.rip, model.regs.rip);

    PORT_CODE(0x6f);
    model.regs.rsi = HIGH;
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(HIGH, model.fault.address);
    EXPECT_EQ(0, model.port_count);
    EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
}

PVTEST(single_steps, "each of a REP is one")
{
    PORT_CODE(0xf3, 0x6c);
    model.regs.rdi = model_address(PLACE);
    model.regs.rcx = 2;
    model.regs.rflags |= X86_RFLAGS_TF;
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(X86_VECTOR_DB, model.fault.vector);
    EXPECT_EQ(X86_DR6_BS, model.fault.dr6);
    EXPECT_EQ(1, model.regs.rcx);
    EXPECT_EQ(model.before.rip, model.regs.rip);
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(0, model.regs.rcx);
    EXPECT_EQ(model.before.rip + 2, model.regs.rip);
}

/* IN of 'bytes' from 0xcf8 with breakpoint 'i' at 'address'. */
static uint64_t break_at(unsigned i, uint64_t dr7, uint64_t address,
                         unsigned bytes)
{
    if (bytes == 2)
        PORT_CODE(0x66, 0xed);
    else
        PORT_CODE(0xec);
    model.cr[4] |= X86_CR4_DE;
    model.dr[7] = dr7;
    model.dr[i] = address;
    if (model_privileged() == EMULATE_DONE)
        return 0;
    EXPECT_EQ(X86_VECTOR_DB, model.fault.vector);
    EXPECT_EQ(1, model.port_count);
    EXPECT(model.regs.rip != model.before.rip);
    return model.fault.dr6;
}

PVTEST(breakpoints_on_ports, "#DB behind an access that one meets")
{
    /* i: enabled by L or G, R/W 2, LEN */
    EXPECT_EQ(1, break_at(0, 0x00020001, 0xcf8, 1));
    EXPECT_EQ(1, break_at(0, 0x00020002, 0xcf8, 1));
    EXPECT_EQ(4, break_at(2, 0x02000010, 0xcf8, 1));
    EXPECT_EQ(8, break_at(3, 0x20000080, 0xcf8, 1));
    EXPECT_EQ(0, break_at(0, 0x00020004, 0xcf8, 1)); /* another is enabled */
    EXPECT_EQ(0, break_at(0, 0x00030001, 0xcf8, 1)); /* on data */
    EXPECT_EQ(0, break_at(0, 0x00020001, 0xcf9, 1));
    EXPECT_EQ(1, break_at(0, 0x00020001, 0xcf9, 2));
    EXPECT_EQ(0, break_at(0, 0x00020001, 0xcfa, 2));
    EXPECT_EQ(0, break_at(0, 0x00020001, 0xcf7, 2));
    EXPECT_EQ(0, break_at(0, 0x00060001, 0xcf6, 1)); /* 2 bytes */
    EXPECT_EQ(1, break_at(0, 0x00060001, 0xcf9, 1));
    EXPECT_EQ(1, break_at(0, 0x000e0001, 0xcfb, 1)); /* 4 bytes */
    EXPECT_EQ(0, break_at(0, 0x000e0001, 0xcf4, 1));
    EXPECT_EQ(1, break_at(0, 0x000a0001, 0xcff, 1)); /* 8 bytes */
    PORT_CODE(0xec);
    model.dr[7] = 0x00020001; /* without CR4.DE it means something else */
    model.dr[0] = 0xcf8;
    EXPECT_EQ(EMULATE_DONE, model_privileged());

    PORT_CODE(0xf3, 0x6c);
    model.cr[4] |= X86_CR4_DE;
    model.dr[7] = 0x00020001;
    model.dr[0] = 0xcf8;
    model.regs.rdi = model_address(PLACE);
    model.regs.rcx = 7;
    EXPECT_EQ(EMULATE_FAULT, model_privileged());
    EXPECT_EQ(1, model.fault.dr6);
    EXPECT_EQ(6, model.regs.rcx);
    EXPECT_EQ(model.before.rip, model.regs.rip);
}
