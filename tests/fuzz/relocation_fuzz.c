/* SPDX-License-Identifier: MIT */
/*
 * A ROM whose GetRelocationInfo is an enemy's, under the unit tests' machines:
 * VMI 3.0 where this is 32-bit code, else the 64-bit profile. Whatever it
 * answers, it is refused with a line, or no op leads to anywhere but the
 * library and the ROM.
 *
 * The input is changes of a sound ROM's answers: CHANGE_BYTES each.
 *
 * Tried: the test of the target left out, of its end, or of the type, in
 * src/vmi_32.c and in src/vmi_64.c: each is found within 20,000 runs.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "pc.h"
#include "pvtest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held)
        abort();
}

/* Of pvtest.h, whose own ends a test. */
void pvtest_fail(const char *file, int line, const char *format, ...)
{
    (void)format;
    fprintf(stderr, "%s:%d\n", file, line);
    abort();
}

enum { CHANGE_BYTES = 8 };

/* From the image's first byte: about its end, right before it, or anywhere. */
static uint32_t offset_of(const uint8_t bytes[4])
{
    uint32_t word;

    memcpy(&word, bytes, sizeof(word));
    if (bytes[3] < 128)
        return word & 0x1fff;
    return bytes[3] < 160 ? -(word & 0xff) : word;
}

#ifdef __i386__
#include "vmi32_rom.h"

static void make_rom(bool time)
{
    static bool made;

    if (!made)
        rom_reset();
    if (!made)
        rom_make(ROM_PADDR);
    made = true;
    rom_answer_all(ROM_PADDR);
    if (time)
        rom_answer_time(ROM_PADDR);
    /* SetLinearMapping would be called at once. */
    rom.options.linear_bytes = 0;
}

/* What set-up itself calls stays where it is, or is nowhere. */
static void change(const uint8_t *bytes)
{
    unsigned call = bytes[0] % VMI_CALLS;
    uint32_t offset = offset_of(bytes + 4);
    struct rom_answer *answer = &rom.answers[call];

    answer->type = bytes[1] < 240 ? bytes[1] % 5 : bytes[1];
    if (call < VMI_CALL_GetCycleFrequency || offset >= ROM_BYTES)
        answer->target = rom_linear(ROM_PADDR) + offset;
}

static enum pvops_status set_up(void)
{
    memset(&pvi, 0, sizeof(pvi));
    host.log[0] = '\0';
    pvops_probe(&pc.probe, &pc.info);
    return pvops_setup(&pc.info, &pc.setup);
}

static bool in_rom(uintptr_t function)
{
    return function - rom_linear(ROM_PADDR) < ROM_BYTES;
}

/* What has to be so in the answers of one that was taken. */
static void check_answers(void)
{
    for (unsigned call = 0; call < VMI_CALLS; call++) {
        const struct rom_answer *answer = &rom.answers[call];

        require(answer->type <= VMI_RELOCATION_NOP);
        if (answer->type == VMI_RELOCATION_CALL_REL ||
            answer->type == VMI_RELOCATION_JUMP_REL)
            require(in_rom(answer->target));
        require(answer->type != VMI_RELOCATION_JUMP_REL || call == 33 ||
                call == 34);
    }
    for (unsigned call = 38; call < 40; call++)
        require((rom.answers[call].type == VMI_RELOCATION_CALL_REL) ==
                (rom.answers[call + 2].type == VMI_RELOCATION_CALL_REL));
    for (unsigned call = 66; call <= 70; call++)
        require(rom.answers[66].type == VMI_RELOCATION_NONE ||
                rom.answers[call].type == VMI_RELOCATION_CALL_REL);
}
#else
#include "vmi64_machine.h"

static void make_rom(bool time)
{
    vmi64_reset();
    if (!time)
        return;
    for (unsigned call = 0; call < VMI64_CALL_SETUP; call++)
        vmi64.answers[call].type = VMI_RELOCATION_NONE;
}

/* As above. */
static void change(const uint8_t *bytes)
{
    unsigned call = bytes[0] % VMI64_CALLS;
    struct vmi64_relocation *answer = &vmi64.answers[call];

    uint32_t offset = offset_of(bytes + 4);

    answer->type = bytes[1] < 240 ? bytes[1] % 6 : bytes[1];
    answer->skip = bytes[2];
    answer->length = bytes[2] % 8;
    answer->pad = bytes[3] % 8 ? 0x2e : bytes[3];
    if (call < VMI64_CALL_SETUP || call > VMI64_CALL_CPU_TEARDOWN ||
        offset >= vmi64.rom.length)
        answer->target = (uint64_t)(int32_t)offset;
}

static enum pvops_status set_up(void)
{
    vmi64_in_module();
    return vmi64_setup();
}

static bool in_rom(uintptr_t function)
{
    return function - (uintptr_t)vmi64.area < pvops_rom_in_use()->bytes;
}

static void check_answers(void)
{
    const size_t length = pvops_rom_in_use()->bytes;

    for (unsigned call = 0; call < VMI64_CALLS; call++) {
        const struct vmi64_relocation *answer = &vmi64.answers[call];

        if (!(pvops_rom_in_use()->calls[call / 32] >> call % 32 & 1) ||
            answer->type == VMI_RELOCATION_NOP)
            continue;
        require(answer->type <= VMI64_RELOCATION_INLINE &&
                answer->target < length);
        require(answer->type != VMI64_RELOCATION_INLINE ||
                answer->target + answer->skip + answer->length <= length);
    }
}
#endif

static void check_table(const void *table, size_t bytes)
{
    extern const char __executable_start[], etext[];
    const uintptr_t *functions = table;

    for (size_t i = 0; i < bytes / sizeof(*functions); i++) {
        bool own = functions[i] >= (uintptr_t)__executable_start &&
                   functions[i] < (uintptr_t)etext;

        require(own || (pvops_rom_in_use() && in_rom(functions[i])));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    make_rom(data[0] & 1);
    for (size_t at = 1; at + CHANGE_BYTES <= size; at += CHANGE_BYTES)
        change(data + at);
    require(set_up() == PVOPS_OK);
    check_table(&pvops_irq_table, sizeof(pvops_irq_table));
    check_table(&pvops_cpu_table, sizeof(pvops_cpu_table));
    check_table(&pvops_mmu_table, sizeof(pvops_mmu_table));
    check_table(&pvops_time_table, sizeof(pvops_time_table));
    require(pvops_rom_in_use() || host_logged("refused: "));
    if (pvops_rom_in_use())
        check_answers();
    return 0;
}
