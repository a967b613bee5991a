/* SPDX-License-Identifier: MIT */
/*
 * Init, every relocation twice, and what holds of any ROM.
 *
 * Source: docs/vmi64.md; VMI 3.0: Linux 2.6.21 to 2.6.36, vmi.c, vmi_32.c (how
 *         both entry points are called, and when).
 */
#include "probe.h"

#include <stdarg.h>

#include "core/text.h"
#include "sha256.h"

static struct probe probe;

/* What went wrong of a rule that is about many calls, counted. */
static unsigned broken;

bool is_served(const struct probe *p, unsigned call)
{
    return p->answers[call].type != VMI_RELOCATION_NONE;
}

const char *type_text(const struct probe *p, unsigned call)
{
    unsigned type = p->answers[call].type;

    return type < rom_type_count ? rom_types[type] : "of an unknown type";
}

void check_call(const struct probe *p, unsigned call, bool held,
                const char *format, ...)
{
    const char *name = rom_calls[call];
    char text[256];
    va_list args;

    if (held)
        return;
    broken++;
    va_start(args, format);
    text_format(text, sizeof(text), format, args);
    va_end(args);
    guest_fail("relocations", "call %u (%s) is %s: %s", call,
               name ? name : "no call", type_text(p, call), text);
}

static void check_kept(const char *what, unsigned lost)
{
    static const char *const names[] = {
#ifdef __x86_64__
        "RBX",
        "RBP",
        "R12",
        "R13",
        "R14",
        "R15",
#else
        "EBX",
        "EBP",
        "ESI",
        "EDI",
        "",
        "",
#endif
        "the direction flag",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (lost >> i & 1)
            guest_fail("registers", "%s does not keep %s", what, names[i]);
    }
    if (!lost)
        guest_pass("registers");
}

static void print(const struct answer *answer)
{
    unsigned long long target = answer->target;

    if (answer->type == VMI_RELOCATION_NONE)
        guest_text("NONE\n");
    else if (answer->type >= rom_type_count)
        guest_text("TYPE %u %llx\n", answer->type, target);
    else if (answer->type == VMI64_RELOCATION_INLINE)
        guest_text("INLINE %llx %u %u %x\n", target, answer->skip,
                   answer->length, answer->pad);
    else
        guest_text("%s %llx\n", rom_types[answer->type], target);
}

static unsigned ask(unsigned call, struct answer *out_answer)
{
    const uint8_t *at = probe.rom + offsetof(struct vmi_header, get_relocation);
    uintptr_t result[2];
    unsigned lost = rom_call(at, call, result);
    uint32_t info = (uint32_t)result[1];

    *out_answer = (struct answer){
        .target = result[0] - (uintptr_t)probe.rom,
        .type = (uint8_t)info,
    };
    if (sizeof(uintptr_t) == 8) {
        out_answer->skip = (uint8_t)(info >> 8);
        out_answer->length = (uint8_t)(info >> 16);
        out_answer->pad = (uint8_t)(info >> 24);
    }
    return lost;
}

static bool same(const struct answer *a, const struct answer *b)
{
    return a->type == b->type &&
           (a->type == VMI_RELOCATION_NONE || a->type == VMI_RELOCATION_NOP ||
            (a->target == b->target && a->skip == b->skip &&
             a->length == b->length && a->pad == b->pad));
}

static void ask_all(void)
{
    unsigned lost = 0;

    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        guest_text("ROM call %u ", i);
        lost |= ask(i, &probe.answers[i]);
        print(&probe.answers[i]);
    }
    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        struct answer again;

        lost |= ask(i, &again);
        check_call(&probe, i, same(&probe.answers[i], &again),
                   "asked again, the answer is another");
    }
    check_kept("GetRelocationInfo", lost);
}

/* What holds of every answer, whatever the call. */
static void check_answers(void)
{
    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        const struct answer *answer = &probe.answers[i];
        bool known = answer->type < rom_type_count;

        check_call(&probe, i, known, "%u", answer->type);
        if (known && is_served(&probe, i))
            check_call(&probe, i, rom_calls[i],
                       "this version of the API has no such call");
        if (known && is_served(&probe, i) && answer->type != VMI_RELOCATION_NOP)
            check_call(&probe, i,
                       answer->target >= probe.code_at &&
                           answer->target < probe.bytes,
                       "its target is outside the ROM's code");
    }
    rom_rules(&probe);
    if (!broken)
        guest_pass("relocations");
}

static void run(void)
{
    uint8_t before[32], after[32];
    uintptr_t result[2];
    unsigned lost;

    pvi_sha256(probe.rom, probe.bytes, before);
    guest_text("ROM at %llx\nROM init ",
               (unsigned long long)(uintptr_t)probe.rom);
    lost = rom_call(probe.rom + offsetof(struct vmi_header, init),
                    rom_init_argument(), result);
    guest_text("%u\n", (unsigned)result[0]);
    check_kept("Init", lost);
    if (rom_init_ran((uint32_t)result[0])) {
        ask_all();
        check_answers();
    }

    pvi_sha256(probe.rom, probe.bytes, after);
    if (__builtin_memcmp(before, after, sizeof(before)))
        guest_fail("image", "the ROM writes to its own image");
    else
        guest_pass("image");
}

void guest_main(void)
{
    guest_begin();
    if (rom_find(&probe))
        run();
    guest_end();
}
