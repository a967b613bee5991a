/* SPDX-License-Identifier: MIT */
/*
 * An instruction is as long as objdump says.
 *
 * Each lies in a slot of its own, with NOPs behind it: if objdump sees the next
 * instruction where this one ends, they agree.
 *
 * Tried, each fails here: MOV with a word of immediate in 64 bits; SIB without
 * its displacement; MOFFS of 4 bytes; a displacement for control registers.
 */
#include "sample.h"

#include "emulate/insn.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    SLOT = 32,
    SLOTS = 20000,
    SAMPLES = 300, /* of each form */
};

static uint8_t image[SLOTS][SLOT];
static unsigned lengths[SLOTS];
static unsigned count;

static void add(const uint8_t *bytes, unsigned length)
{
    if (count == SLOTS)
        return;
    memset(image[count], 0x90, SLOT);
    memcpy(image[count], bytes, length);
    lengths[count++] = length;
}

/* The length that the emulation sees; 0 if it is not ours. */
static unsigned decoded(const uint8_t *bytes, unsigned readable, bool code64,
                        struct emulate_insn *out_insn)
{
    memcpy(model.code, bytes, readable);
    model.readable = readable;
    model.cpu.code64 = code64;
    if (emulate_decode(&model.cpu, out_insn, &model.fault) != EMULATE_DONE)
        return 0;
    return (unsigned)(out_insn->next - model.regs.rip);
}

static void describe(unsigned slot, char text[64])
{
    for (unsigned i = 0; i < 16; i++)
        snprintf(text + 3 * i, 4, "%02x ", image[slot][i]);
}

/* Whether objdump's first instruction of each slot ends where it shall. */
static void compare(const char *machine)
{
    char path[] = "/tmp/pvops-length-XXXXXX", line[256], command[160];
    static uint8_t ends[SLOTS], bad[SLOTS];
    unsigned agreed = 0, refused = 0;
    int file = mkstemp(path);
    FILE *stream;

    EXPECT(file >= 0);
    memset(ends, 0, sizeof(ends));
    memset(bad, 0, sizeof(bad));
    EXPECT_EQ(count * SLOT, write(file, image, count * SLOT));
    close(file);
    snprintf(command, sizeof(command),
             "objdump -D -b binary -m %s --no-show-raw-insn %s", machine, path);
    stream = popen(command, "r");
    EXPECT(stream);
    while (fgets(line, sizeof(line), stream)) {
        unsigned long address;
        char behind;

        if (sscanf(line, " %lx%c", &address, &behind) != 2 || behind != ':' ||
            address >= count * SLOT)
            continue;
        if (address % SLOT == 0)
            bad[address / SLOT] = strstr(line, "(bad)") != NULL;
        else if (!ends[address / SLOT])
            ends[address / SLOT] = (uint8_t)(address % SLOT);
    }
    EXPECT_EQ(0, pclose(stream));
    unlink(path);

    for (unsigned i = 0; i < count; i++) {
        char text[64];

        describe(i, text);
        if (bad[i])
            refused++;
        else if (ends[i] != lengths[i])
            FAIL("%s: %u bytes, objdump: %u", text, lengths[i], ends[i]);
        else
            agreed++;
    }
    printf("%s: %u agreed, %u are none to objdump\n", machine, agreed, refused);
    EXPECT(agreed > 9 * refused);
}

PVTEST(stores, "every form, as it was put together")
{
    struct emulate_insn insn;

    model_code("", 0);
    count = 0;
    for (unsigned i = 0; i < sample_form_count; i++) {
        for (unsigned round = 0; round < SAMPLES; round++) {
            struct sample sample;

            sample = sample_make(&sample_forms[i]);
            if (sample.stray_rex) /* to objdump an instruction */
                continue;
            EXPECT_EQ(sample.length,
                      decoded(sample.bytes, sample.length, true, &insn));
            add(sample.bytes, sample.length);
        }
    }
    EXPECT(count > 40 * SAMPLES / 2);
    compare("i386:x86-64");
}

/* At most one of each kind: of several objdump makes instructions. */
static unsigned put_prefixes(uint8_t *bytes, bool code64)
{
    static const uint8_t segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    uint64_t random = sample_random();
    unsigned at = 0;

    if (random & 0x100)
        bytes[at++] = 0x66;
    if ((random & 0x600) == 0x600)
        bytes[at++] = segments[(random >> 40) % 6];
    if ((random & 0x1800) == 0x1800)
        bytes[at++] = 0x67;
    if ((random & 0xe000) == 0xe000)
        bytes[at++] = random & 0x10000 ? 0xf2 : 0xf3;
    if (code64 && random & 0x20000)
        bytes[at++] = 0x40 | (random >> 20 & 0xf);
    return at;
}

static bool is_prefix(uint8_t byte)
{
    return (byte & 0xe7) == 0x26 || (byte & 0xfc) == 0x64 || byte == 0xf0 ||
           (byte & 0xfe) == 0xf2 || (byte & 0xf0) == 0x40;
}

/* What is decoded and refused later: TEST has an immediate operand. */
static bool refused_later(const struct emulate_insn *insn)
{
    return (insn->opcode | 1) == 0xf7 && (insn->reg & 7) < 2;
}

static void add_random(bool code64)
{
    model_code("", 0);
    count = 0;
    for (unsigned round = 0; round < 1000000 && count < SLOTS; round++) {
        struct emulate_insn insn;
        uint8_t bytes[16];
        unsigned at = put_prefixes(bytes, code64), first, length;
        uint64_t random = sample_random();

        if (random & 1)
            bytes[at++] = 0x0f;
        first = at;
        for (; at < sizeof(bytes); at++)
            bytes[at] = (uint8_t)(sample_random() >> 24);
        if (is_prefix(bytes[first]))
            continue;
        length = decoded(bytes, 15, code64, &insn);
        if (length && !refused_later(&insn))
            add(bytes, length);
    }
}

PVTEST(random_bytes, "whatever is decoded, in 64-bit code")
{
    add_random(true);
    EXPECT_EQ(SLOTS, count);
    compare("i386:x86-64");
}

PVTEST(code_of_32_bits, "whatever is decoded there: no memory operands")
{
    add_random(false);
    EXPECT_EQ(SLOTS, count);
    compare("i386");
}
