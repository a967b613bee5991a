/* SPDX-License-Identifier: MIT */
/*
 * The emulation does what the CPU does: each instruction that stores to memory
 * is executed by the CPU on one copy of the memory and emulated on another.
 *
 * Registers, defined flags and all of the memory are compared, and what was
 * handed over as entries is what has changed.
 *
 * Tried, each fails here: the carry left out of ADC's comparison; OF of a
 * subtraction by the addition's rule; INC that changes CF; CMPXCHG's operands
 * exchanged; a 32-bit register whose upper half stays; AH to BH behind REX; a
 * bit's number not sign-extended; 8 bytes of immediate; RIP-relative to the
 * start of the immediate; R12 as no index, R13 as a base without displacement;
 * 67 without truncation; GS added before it; 66 stronger than REX.W; a REX that
 * is not the last prefix; DF ignored.
 */
#include "sample.h"

#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/x86.h"

enum {
    ROUNDS = 1000, /* of each form */
};

#define FLAGS                                                                  \
    (X86_RFLAGS_CF | X86_RFLAGS_PF | X86_RFLAGS_AF | X86_RFLAGS_ZF |           \
     X86_RFLAGS_SF | X86_RFLAGS_DF | X86_RFLAGS_OF)

/* native.S */
void native_run(struct cpu_user_regs *regs, const void *code);
extern const char native_back[];

/* Behind it a jump back, which only the CPU executes. */
static void put_jump(uint8_t *behind)
{
    const char *back = native_back;

    memcpy(behind, (const uint8_t[]){ 0xff, 0x25, 0, 0, 0, 0 }, 6);
    memcpy(behind + 6, &back, sizeof(back));
}

static void describe(const struct sample_form *form, const struct sample *s,
                     char text[128])
{
    int at = snprintf(text, 128, "%s, size %u:", form->name, s->size);

    for (unsigned i = 0; i < s->length; i++)
        at += snprintf(text + at, 128 - (size_t)at, " %02x", s->bytes[i]);
}

static void compare(const struct sample_form *form, const struct sample *s,
                    const struct cpu_user_regs *native)
{
    const uint64_t *want = (const void *)native;
    const uint64_t *got = (const void *)&model.regs;
    const uint8_t *memory = model.code + MODEL_MEMORY;
    uint64_t flags = FLAGS & ~form->undefined;
    char text[128];

    describe(form, s, text);
    for (unsigned i = 0; i < 15; i++)
        if (want[i] != got[i])
            FAIL("%s: register %u (of the frame): %" PRIx64
                 " instead of %" PRIx64,
                 text, i, got[i], want[i]);
    if (native->rsp != model.regs.rsp)
        FAIL("%s: RSP", text);
    if ((native->rflags ^ model.regs.rflags) & flags)
        FAIL("%s: flags %" PRIx64 " instead of %" PRIx64, text,
             model.regs.rflags & flags, native->rflags & flags);
    if (model.regs.rip != model.before.rip + s->length)
        FAIL("%s: of %u bytes, RIP has moved by %" PRIu64, text, s->length,
             model.regs.rip - model.before.rip);
    for (unsigned i = 0; i < MODEL_BYTES; i++)
        if (memory[i] != model.shadow[i])
            FAIL("%s: byte 0x%x is %02x instead of %02x", text, i,
                 model.shadow[i], memory[i]);
}

/* CMPXCHG: what RAX is compared with is there in half of the cases. */
static void make_equal(const struct sample_form *form, struct sample *s)
{
    unsigned offset = (unsigned)(s->target - model_address(MODEL_MEMORY));
    uint64_t value;

    if (form->kind == SAMPLE_COMPARE)
        memcpy(model.shadow + offset, &s->regs.rax, s->size);
    value = s->regs.rdx << 32 | (uint32_t)s->regs.rax;
    if (form->kind == SAMPLE_PAIR)
        memcpy(model.shadow + offset, &value, 8);
}

static void run_one(const struct sample_form *form, bool equal)
{
    struct cpu_user_regs native;
    enum emulate_result result;
    struct sample s;
    char text[128];

    model_code(NULL, 0);
    s = sample_make(form);
    memcpy(model.code, s.bytes, s.length);
    put_jump(model.code + s.length);
    model.readable = s.length;
    model.regs = s.regs;
    for (unsigned i = 0; i < MODEL_BYTES; i += 8) {
        uint64_t value = sample_random();

        memcpy(model.shadow + i, &value, 8);
    }
    if (equal)
        make_equal(form, &s);
    memcpy(model.code + MODEL_MEMORY, model.shadow, MODEL_BYTES);

    native = s.regs;
    native_run(&native, model.code);
    result = model_write(s.target);
    describe(form, &s, text);
    if (result != EMULATE_DONE)
        FAIL("%s: result %d, vector %u at %" PRIx64, text, result,
             model.fault.vector, model.fault.address);
    compare(form, &s, &native);
}

PVTEST(the_cpu_does_the_same, "registers, flags and memory of each form")
{
    syscall(SYS_arch_prctl, ARCH_SET_GS, (unsigned long)MODEL_GS_BASE);
    for (unsigned i = 0; i < sample_form_count; i++)
        for (unsigned round = 0; round < ROUNDS; round++)
            run_one(&sample_forms[i], round & 1);
    printf("%u forms, %u times each\n", sample_form_count, ROUNDS);
}
