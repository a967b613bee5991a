/* SPDX-License-Identifier: MIT */
/*
 * #PF: how stores to a table are handed over, and which are not.
 *
 * What each instruction computes is compared with the CPU in
 * emulate_cpu_test.c.
 *
 * Tried, each fails here: entries of less than 8 bytes handed over as they
 * are, or without a compare; XCHG or BTR without one; a compare for MOV of 8
 * bytes; a store that is not aligned or of another page; LOCK on MOV; 16
 * bytes of CMPXCHG; EMULATE_AGAIN that moves RIP, flags or registers; REP that
 * goes on into the next page, or is undone at its end; entries of a REP filled
 * from a source 7 bytes below; FS taken for GS; user mode; the address of a
 * missing byte in the middle of an immediate.
 */
#include "model.h"

#include "abi/x86.h"

enum { PLACE = MODEL_TABLE + 0x128 };

#define OLD UINT64_C(0x8000000012345067)
#define NEW UINT64_C(0x800000009abcd025)

/* 'code', with RBX and RDI at PLACE, RAX NEW, and OLD in the entry. */
#define STORE_CODE(...)                                                        \
    do {                                                                       \
        MODEL_CODE(__VA_ARGS__);                                               \
        model.regs.rbx = model.regs.rdi = model_address(PLACE);                \
        model.regs.rax = NEW;                                                  \
        model_set_entry(PLACE, OLD);                                           \
    } while (0)

static enum emulate_result write_there(void)
{
    return model_write(model_address(PLACE));
}

static void expect_update(uint64_t value, bool compare)
{
    const struct emulate_update *update = &model.updates[0];

    EXPECT_EQ(1, model.update_count);
    EXPECT_EQ(model_address(PLACE), update->address);
    EXPECT_EQ(value, update->value);
    EXPECT_EQ(compare, update->compare);
    if (compare)
        EXPECT_EQ(OLD, update->old);
    EXPECT_EQ(value, model_entry(PLACE));
}

PVTEST(whole_entry, "MOV replaces it, whatever is there")
{
    STORE_CODE(0x48, 0x89, 0x03);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
    model_expect_only_rip(3);
    STORE_CODE(0x48, 0xc7, 0x03, 0xfe, 0xff, 0xff, 0xff);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_MAX - 1, false);
    STORE_CODE(0x48, 0x0f, 0xc3, 0x03);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
    STORE_CODE(0x48, 0xab);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
}

PVTEST(parts_of_an_entry, "handed over as the whole, with a compare")
{
    STORE_CODE(0x89, 0x03);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_C(0x800000009abcd025), true);
    STORE_CODE(0x89, 0x43, 0x04);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_C(0x9abcd02512345067), true);
    STORE_CODE(0x66, 0x89, 0x43, 0x02);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_C(0x80000000d0255067), true);
    STORE_CODE(0x88, 0x63, 0x07); /* ah */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_C(0xd000000012345067), true);
    STORE_CODE(0xc6, 0x43, 0x01, 0x7f);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(UINT64_C(0x8000000012347f67), true);
}

PVTEST(made_of_the_old_value, "with a compare, LOCK or not")
{
    STORE_CODE(0x48, 0x87, 0x03); /* xchg */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, true);
    EXPECT_EQ(OLD, model.regs.rax);
    STORE_CODE(0xf0, 0x48, 0x0f, 0xba, 0x33, 0x01); /* lock btr $1 */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(OLD & ~UINT64_C(2), true);
    EXPECT(model.regs.rflags & X86_RFLAGS_CF);
    STORE_CODE(0x48, 0x83, 0x23, 0xfd); /* and $-3 */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(OLD & ~UINT64_C(2), true);
    STORE_CODE(0xf0, 0x80, 0x23, 0xfd); /* lock andb $-3 */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(OLD & ~UINT64_C(2), true);
}

PVTEST(nothing_to_change,
       "no update: AND that clears nothing, CMPXCHG of another")
{
    STORE_CODE(0x48, 0x83, 0x23, 0xff);
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(0, model.update_count);
    EXPECT_EQ(model.before.rip + 4, model.regs.rip);
    STORE_CODE(0xf0, 0x48, 0x0f, 0xb1, 0x0b);
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(0, model.update_count);
    EXPECT_EQ(OLD, model.regs.rax);
    EXPECT(!(model.regs.rflags & X86_RFLAGS_ZF));
}

PVTEST(cmpxchg, "the entry only if it is what RAX says")
{
    STORE_CODE(0xf0, 0x48, 0x0f, 0xb1, 0x0b);
    model.regs.rax = OLD;
    model.regs.rcx = NEW;
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, true);
    EXPECT(model.regs.rflags & X86_RFLAGS_ZF);
    STORE_CODE(0xf0, 0x0f, 0xc7, 0x0f); /* cmpxchg8b (rdi) */
    model.regs.rdx = OLD >> 32;
    model.regs.rax = (uint32_t)OLD;
    model.regs.rcx = NEW >> 32;
    model.regs.rbx = (uint32_t)NEW;
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, true);
}

PVTEST(the_cpu_sets_a_bit_meanwhile, "the instruction is executed once more")
{
    static const uint8_t codes[][5] = {
        { 0x48, 0x87, 0x03 },       /* xchg */
        { 0x48, 0x0f, 0xc1, 0x03 }, /* xadd */
        { 0x48, 0x0f, 0xb3, 0x0b }, /* btr */
        { 0x48, 0xff, 0x03 },       /* inc */
        { 0x88, 0x03 },             /* movb */
        { 0x48, 0x0f, 0xb1, 0x0b }, /* cmpxchg */
    };

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        STORE_CODE(0);
        memcpy(model.code, codes[i], 5);
        model.readable = 5;
        model.regs.rcx = 1; /* btr: writable */
        if (i == 5)
            model.regs.rax = OLD;
        model.set_meanwhile = 0x8;
        EXPECT_EQ(EMULATE_DONE, write_there());
        EXPECT_EQ(0, model.update_count);
        EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
        EXPECT_EQ(OLD | 0x8, model_entry(PLACE));
        EXPECT_EQ(EMULATE_DONE, write_there());
        EXPECT(i == 5 || model.update_count == 1);
        EXPECT(model.regs.rip != model.before.rip);
    }
}

PVTEST(the_update_refuses, "and nothing has changed")
{
    STORE_CODE(0x48, 0x87, 0x03);
    model.answer = EMULATE_NOT_OURS;
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
    STORE_CODE(0x48, 0xff, 0x03);
    model.answer = EMULATE_FAULT;
    EXPECT_EQ(EMULATE_FAULT, write_there());
    EXPECT_EQ(X86_VECTOR_GP, model.fault.vector);
    EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
}

PVTEST(where_it_may_lie, "aligned, and in the page that faulted")
{
    STORE_CODE(0x48, 0x89, 0x43, 0x04); /* half of the next entry */
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
    STORE_CODE(0x66, 0x89, 0x43, 0x07);
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
    STORE_CODE(0x48, 0x89, 0x83, 0x00, 0x10, 0x00, 0x00);
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
    EXPECT_EQ(EMULATE_DONE, model_write(model_address(PLACE + MODEL_PAGE)));
    STORE_CODE(0x48, 0x89, 0x03); /* anywhere in the page */
    EXPECT_EQ(EMULATE_DONE, model_write(model_address(MODEL_TABLE + 4095)));
    STORE_CODE(0x48, 0x0f, 0xab, 0x0b); /* bts, 64 KiB further */
    model.regs.rcx = 0x80000;
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
}

PVTEST(not_emulated, "unknown, without memory, or too large")
{
    static const uint8_t codes[][6] = {
        { 0xf0, 0x48, 0x89, 0x03 },       /* lock mov */
        { 0xf0, 0xc6, 0x03, 0x00 },       /* lock mov */
        { 0xf0, 0x48, 0x0f, 0xc3, 0x03 }, /* lock movnti */
        { 0xf0, 0x48, 0xab },             /* lock stos */
        { 0xf0, 0x48, 0xa5 },             /* lock movs */
        { 0x66, 0x0f, 0xc3, 0x03 },       /* 66 movnti */
        { 0xf0, 0x48, 0x0f, 0xc7, 0x0b }, /* cmpxchg16b */
        { 0x0f, 0xc7, 0x33 },             /* vmptrld */
        { 0x48, 0x89, 0xc3 },             /* mov to a register */
        { 0xc6, 0x4b, 0x00, 0x00 },       /* c6 /1 */
        { 0x48, 0xf7, 0x03, 0x01 },       /* test */
        { 0x48, 0xf7, 0x23 },             /* mul */
        { 0x48, 0xff, 0x33 },             /* push */
        { 0x48, 0x83, 0x3b, 0x00 },       /* cmp */
        { 0x48, 0x0f, 0xba, 0x23, 0x00 }, /* bt */
        { 0x48, 0x0f, 0xba, 0x1b, 0x00 }, /* no instruction */
        { 0x48, 0x39, 0x03 },             /* cmp */
        { 0x48, 0x85, 0x03 },             /* test */
        { 0x48, 0xd1, 0x23 },             /* shl */
        { 0x8f, 0x03 },                   /* pop */
        { 0x50 },                         /* push */
        { 0x0f, 0x11, 0x03 },             /* movups */
        { 0x0f, 0x94, 0x03 },             /* sete */
        { 0xc5, 0xf8, 0x11, 0x03 },       /* vmovups */
        { 0x0f, 0xa2 },                   /* cpuid */
        { 0x6c },                         /* ins */
    };

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        STORE_CODE(0);
        memcpy(model.code, codes[i], 6);
        model.readable = 6;
        EXPECT_EQ(EMULATE_NOT_OURS, write_there());
    }
    STORE_CODE(0x48, 0x89, 0xc3); /* a register is nowhere, not at 0 */
    EXPECT_EQ(EMULATE_NOT_OURS, model_write(0));
    STORE_CODE(0x48, 0x89, 0x03);
    model.cpu.kernel = false;
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
}

PVTEST(segments, "FS and GS have bases; the others have not")
{
    STORE_CODE(0x64, 0x48, 0x89, 0x03);
    model.regs.rbx -= MODEL_FS_BASE;
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
    STORE_CODE(0x65, 0x48, 0x89, 0x03);
    model.regs.rbx -= MODEL_GS_BASE;
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
    STORE_CODE(0x65, 0x36, 0x48, 0xab); /* stos: ES */
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
    STORE_CODE(0x64, 0x48, 0xa5); /* movs from FS to ES */
    model.regs.rsi = model_address(MODEL_MEMORY + 8) - MODEL_FS_BASE;
    model_set_entry(MODEL_MEMORY + 8, NEW);
    EXPECT_EQ(EMULATE_DONE, write_there());
    expect_update(NEW, false);
}

PVTEST(rep_to_the_end_of_the_page, "no further; the guest comes again")
{
    STORE_CODE(0xf3, 0x48, 0xab);
    model.regs.rdi = model_address(MODEL_TABLE);
    model.regs.rcx = 513;
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(512, model.update_count);
    EXPECT_EQ(1, model.regs.rcx);
    EXPECT_EQ(model_address(MODEL_TABLE + MODEL_PAGE), model.regs.rdi);
    EXPECT_EQ(model.before.rip, model.regs.rip);
    EXPECT_EQ(NEW, model_entry(MODEL_TABLE + MODEL_PAGE - 8));
    EXPECT(NEW != model_entry(MODEL_TABLE + MODEL_PAGE));

    STORE_CODE(0x67, 0xf3, 0x48, 0xab); /* downwards, by 32-bit addresses */
    model.regs.rdi = UINT64_C(0xdead00000000) | model_address(MODEL_TABLE + 8);
    model.regs.rcx = UINT64_C(0xdead00000003);
    model.regs.rflags |= X86_RFLAGS_DF;
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(2, model.update_count);
    EXPECT_EQ(1, model.regs.rcx);
    EXPECT_EQ(model_address(MODEL_TABLE - 8), model.regs.rdi);

    STORE_CODE(0xf3, 0x48, 0xab);
    model.regs.rdi += MODEL_PAGE; /* another page from the start */
    EXPECT_EQ(EMULATE_NOT_OURS, write_there());
}

PVTEST(bytes_that_fill_entries, "are stored as entries, others alone")
{
    STORE_CODE(0xf3, 0xaa);
    model.regs.rdi = model_address(MODEL_TABLE);
    model.regs.rcx = 4096;
    model.regs.rax = 0;
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(512, model.update_count);
    EXPECT(!model.updates[511].compare);
    EXPECT_EQ(0, model.regs.rcx);
    EXPECT_EQ(model_address(MODEL_TABLE + 4096), model.regs.rdi);
    EXPECT_EQ(model.before.rip + 2, model.regs.rip);

    STORE_CODE(0xf3, 0x66, 0xab); /* 2 alone, an entry, 1 alone */
    model.regs.rdi = model_address(PLACE - 4);
    model.regs.rcx = 7;
    model.regs.rax = 0xfedc;
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(4, model.update_count);
    EXPECT_EQ(UINT64_C(0xfedcfedcfedcfedc), model_entry(PLACE));
    EXPECT(!model.updates[2].compare);
    EXPECT_EQ(model_address(PLACE), model.updates[2].address);
    EXPECT_EQ(0xfedc, model_entry(PLACE + 8) & 0xffff);

    STORE_CODE(0xf3, 0xa5); /* the source is read in one step too */
    model.regs.rsi = model_address(MODEL_MEMORY + 4);
    model.regs.rcx = 4;
    model_set_entry(MODEL_MEMORY + 4, NEW);
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(2, model.update_count);
    EXPECT_EQ(NEW, model.updates[0].value);
    EXPECT_EQ(model_address(MODEL_MEMORY + 20), model.regs.rsi);

    STORE_CODE(0xf3, 0xa5); /* and where it ends, alone */
    model.regs.rsi = model_address(MODEL_MEMORY + MODEL_BYTES - 4);
    model.regs.rcx = 4;
    EXPECT_EQ(EMULATE_FAULT, write_there());
    EXPECT_EQ(1, model.update_count);
    EXPECT_EQ(3, model.regs.rcx);
    EXPECT_EQ(model_address(MODEL_MEMORY + MODEL_BYTES), model.fault.address);
}

PVTEST(source_just_below, "is what was stored a moment ago, byte by byte")
{
    for (unsigned distance = 0; distance <= 9; distance++) {
        uint8_t want[8 + 16];

        STORE_CODE(0xf3, 0xa4);
        model.regs.rsi = model_address(PLACE) - distance;
        model.regs.rcx = 8;
        memcpy(want, model.shadow + PLACE - 16 - MODEL_MEMORY, sizeof(want));
        for (unsigned i = 16; i < 16 + 8; i++)
            want[i] = want[i - distance];
        EXPECT_EQ(EMULATE_DONE, write_there());
        EXPECT_EQ(distance && distance < 8 ? 8 : 1, model.update_count);
        EXPECT(!memcmp(want, model.shadow + PLACE - 16 - MODEL_MEMORY,
                       sizeof(want)));
    }
    STORE_CODE(0x67, 0xf3, 0xa4); /* RSI might begin again at 0 */
    model.regs.rsi = model_address(MODEL_MEMORY);
    model.regs.rcx = 8;
    EXPECT_EQ(EMULATE_DONE, write_there());
    EXPECT_EQ(8, model.update_count);
}

PVTEST(rep_that_stops, "what was done stays done")
{
    static const enum emulate_result answers[] = {
        EMULATE_FAULT,
        EMULATE_AGAIN,
        EMULATE_NOT_OURS,
    };

    for (unsigned i = 0; i < 3; i++) {
        STORE_CODE(0xf3, 0x48, 0xab);
        model.regs.rcx = 5;
        model.answer = answers[i];
        model.answer_after = 2;
        EXPECT_EQ(i ? EMULATE_DONE : EMULATE_FAULT, write_there());
        EXPECT_EQ(2, model.update_count);
        model.before.rcx = 3;
        model.before.rdi += 16;
        EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
    }
    STORE_CODE(0xf3, 0x48, 0xa5); /* the source ends */
    model.regs.rcx = 5;
    model.regs.rsi = model_address(MODEL_MEMORY + MODEL_BYTES - 8);
    EXPECT_EQ(EMULATE_FAULT, write_there());
    EXPECT_EQ(X86_VECTOR_PF, model.fault.vector);
    EXPECT_EQ(model_address(MODEL_MEMORY + MODEL_BYTES), model.fault.address);
    EXPECT_EQ(4, model.regs.rcx);
}

PVTEST(single_steps, "#DB behind each of a REP")
{
    STORE_CODE(0xf3, 0x48, 0xab);
    model.regs.rcx = 2;
    model.regs.rflags |= X86_RFLAGS_TF;
    EXPECT_EQ(EMULATE_FAULT, write_there());
    EXPECT_EQ(X86_VECTOR_DB, model.fault.vector);
    EXPECT_EQ(1, model.update_count);
    EXPECT_EQ(model.before.rip, model.regs.rip);
    STORE_CODE(0x48, 0x89, 0x03);
    model.regs.rflags |= X86_RFLAGS_TF;
    EXPECT_EQ(EMULATE_FAULT, write_there());
    EXPECT_EQ(X86_DR6_BS, model.fault.dr6);
    EXPECT_EQ(model.before.rip + 3, model.regs.rip);
}

PVTEST(code_that_ends, "a page fault for the first byte that is missing")
{
    static const uint8_t code[] = { 0x48, 0xc7, 0x84, 0x0b, 0x00, 0x00,
                                    0x00, 0x00, 0x25, 0x00, 0x00, 0x00 };

    for (unsigned i = 0; i < sizeof(code); i++) {
        STORE_CODE(0);
        memcpy(model.code, code, sizeof(code));
        model.readable = i;
        EXPECT_EQ(EMULATE_FAULT, write_there());
        EXPECT_EQ(X86_VECTOR_PF, model.fault.vector);
        EXPECT_EQ(X86_PF_FETCH, model.fault.error_code);
        EXPECT_EQ(model_address(i), model.fault.address);
        EXPECT_EQ(0, model.update_count);
    }
}
