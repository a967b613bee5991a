/* SPDX-License-Identifier: MIT */
/*
 * Sites that are sealed by what a ROM answers: the bodies of a native ROM give
 * the very bytes that bare metal gets.
 *
 * Tried, each fails here: find_body() of pvi_vmi_bodies left out of seal.c;
 * 'skip' or 'pad' not taken from the answer; NOP answered by a function that
 * has no body.
 */
#include "vmi64_machine.h"

#include "pvtest.h"

enum { BODY_BYTES = 12, TARGET_AT = 4 };

static const struct {
    const void *slot;
    bool recorded, jump;
} ops[] = {
#define COLD                           false, false
#define QUICK                          true, false
#define HOT                            true, false
#define ASM                            true, false
#define TAIL                           true, true
#define PVOPS_OP(chapter, name, class) { &pvops_##chapter##_table.name, class },
#include "ops.def"
#undef PVOPS_OP
};
enum { OPS = sizeof(ops) / sizeof(ops[0]) };

static const struct {
    unsigned number;
    const void *slot;
} calls[] = {
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    { number, &pvops_##chapter##_table.op },
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static uint8_t text[OPS][PVI_SITE_BYTES];
static int32_t records[OPS];

void *pvops_host_text(const void *at, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)at;
}

/* A site of each op that has recorded ones. */
static struct pvops_sites sites(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < OPS; i++) {
        int32_t to = (int32_t)((uintptr_t)ops[i].slot -
                               (uintptr_t)(text[i] + PVI_SITE_BYTES));

        if (!ops[i].recorded)
            continue;
        text[i][0] = 0xff;
        text[i][1] = ops[i].jump ? 0x25 : 0x15;
        memcpy(text[i] + 2, &to, sizeof(to));
        records[count] =
            (int32_t)((uintptr_t)text[i] - (uintptr_t)&records[count]);
        count++;
    }
    return (struct pvops_sites){ .start = records, .stop = records + count };
}

static void seal(void)
{
    struct pvops_sites all = sites();

    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(PVOPS_OK, pvops_seal(&all));
    EXPECT_EQ(0, all.left);
    EXPECT_EQ(PVOPS_OK, pvops_verify(&all, NULL));
}

static const struct pvi_body *native_body(const void *slot)
{
    const struct pvi_body *body = pvi_bodies_native;
    uintptr_t function;

    memcpy(&function, slot, sizeof(function));
    for (; body->kind != PVI_BODY_END; body++) {
        if ((uintptr_t)body + (uintptr_t)(intptr_t)body->function == function)
            return body;
    }
    return NULL;
}

/* With the tables native: a ROM that has the same bodies, at 'skip' each. */
static void answer_as_native(void)
{
    for (unsigned i = 0; i < CALLS; i++) {
        const struct pvi_body *body = native_body(calls[i].slot);
        size_t at = VMI64_BODIES + i * BODY_BYTES;

        if (!body || body->length > PVI_SITE_BYTES) {
            vmi64_answer(calls[i].number);
            continue;
        }
        vmi64.answers[calls[i].number] = (struct vmi64_relocation){
            .target = at,
            .type = body->length ? VMI64_RELOCATION_INLINE : VMI_RELOCATION_NOP,
            .skip = TARGET_AT,
            .length = body->length,
            .pad = body->pad,
        };
        EXPECT(at + BODY_BYTES <= vmi64.rom.length);
        memset(vmi64.rom.bytes + at, 0x90, TARGET_AT);
        memcpy(vmi64.rom.bytes + at + TARGET_AT,
               (const uint8_t *)body + body->function + body->skip,
               body->length);
    }
    vmi64_answer(VMI64_CALL_SETUP);
    vmi64_answer(VMI64_CALL_CPU_SETUP);
    vmi64_answer(VMI64_CALL_CPU_TEARDOWN);
}

PVTEST(as_native, "byte for byte; what is called is called in the ROM")
{
    uint8_t native[OPS][PVI_SITE_BYTES];
    unsigned equal = 0, called = 0;

    vmi64_reset();
    seal();
    EXPECT_STR("native", pvops_backend_name());
    memcpy(native, text, sizeof(native));

    vmi64_reset();
    pvi_tables_native();
    answer_as_native();
    vmi64_in_module();
    seal();
    EXPECT_STR("vmi", pvops_backend_name());
    for (unsigned i = 0; i < OPS; i++) {
        uint64_t to;

        if (!ops[i].recorded)
            continue;
        if (!memcmp(native[i], text[i], PVI_SITE_BYTES)) {
            equal++;
            continue;
        }
        EXPECT_EQ(PVI_SITE_CALL,
                  pvi_site_read(text[i], (uintptr_t)text[i], 64, &to));
        EXPECT(to - (uintptr_t)vmi64.area < vmi64.rom.length);
        called++;
    }
    /* The clock, and set_fs_base, whose native body is a function. */
    EXPECT_EQ(2, called);
    EXPECT(equal > 20);
}
