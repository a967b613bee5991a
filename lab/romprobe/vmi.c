/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: an option ROM, run where it lies, and what Linux 2.6.21 to 2.6.36
 * needs of its answers.
 *
 * Source: Linux vmi.c (2.6.21), vmi_32.c (2.6.22 to 2.6.36): which answers each
 *         kind of call is made of, and where others end in BUG() or in a jump
 *         to nowhere; vmiclock_32.c and vmitime.c for the calls of time.
 */
#include "probe.h"

const char *const rom_types[] = { "NONE", "CALL_REL", "JUMP_REL", "NOP" };
const unsigned rom_type_count = 4;

const char *const rom_calls[PROBE_CALLS] = {
#define PVOPS_VMI_CALL(number, name) [number] = #name,
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
};

enum {
    CALL_WRITE_LDT = 12,
    CALL_WRITE_IDT = 13,
    CALL_ENABLE = 29,
    CALL_DISABLE = 30,
    CALL_GET_MASK = 31,
    CALL_SET_MASK = 32,
    CALL_IRET = 33,
    CALL_SYSEXIT = 34,
    CALL_SET_PXE = 38,
    CALL_SET_PXE_LONG = 39,
    CALL_UPDATE_PXE = 40,
    CALL_UPDATE_PXE_LONG = 41,
    CALL_ALLOCATE_PAGE = 44,
    CALL_RELEASE_PAGE = 45,
    CALL_GET_FREQUENCY = 66,
    CALL_GET_WALLCLOCK = 70,
};

/*
 * NOP is an empty function where Linux has a pointer: what it would go on with
 * is a result that nobody made, or a register that nobody loaded.
 */
enum {
#define PVOPS_VMI_CALL(number, name) VMI_CALL_##name = (number),
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
};
static const bool may_be_nop[PROBE_CALLS] = {
#define PVOPS_VMI_MAY_BE_NOP(name) [VMI_CALL_##name] = true,
#include "abi/vmi_may_be_nop.def"
#undef PVOPS_VMI_MAY_BE_NOP
};

/* As Linux does: every step, whatever other ROMs say of their lengths. */
bool rom_find(struct probe *probe)
{
    for (uintptr_t at = VMI_ROM_FIRST; at < VMI_ROM_END; at += VMI_ROM_STEP) {
        const struct vmi_header *header = (const void *)at;

        if (header->rom_signature != VMI_ROM_SIGNATURE ||
            header->vmi_signature != VMI_SIGNATURE)
            continue;
        probe->rom = (const uint8_t *)at;
        probe->bytes = (size_t)header->blocks * VMI_BLOCK_BYTES;
        if (probe->bytes <= VMI_ROM_END - at)
            return true;
    }
    guest_fail("found", "the BIOS keeps no VMI ROM at C0000h to DFFFFh");
    return false;
}

uintptr_t rom_init_argument(void)
{
    return 0;
}

bool rom_init_ran(uint32_t status)
{
    if (status)
        guest_fail("init", "Init returns %u, not 0", status);
    else
        guest_pass("init");
    return !status;
}

static void need_call(const struct probe *probe, unsigned call, const char *why)
{
    check_call(probe, call,
               probe->answers[call].type == VMI_RELOCATION_CALL_REL, "%s", why);
}

static bool is_called(const struct probe *probe, unsigned call)
{
    return probe->answers[call].type == VMI_RELOCATION_CALL_REL;
}

/* NOP is neither: Linux keeps NULL for it, and calls that. */
static void both_or_neither(const struct probe *probe, unsigned set,
                            unsigned update)
{
    bool sound = is_called(probe, set) == is_called(probe, update);

    check_call(probe, is_called(probe, set) ? update : set, sound,
               "Linux calls both %s and %s, or neither", rom_calls[set],
               rom_calls[update]);
}

/* NOP breaks that one already. */
static bool has_own_rule(const struct probe *probe, unsigned call)
{
    return (call >= CALL_ENABLE && call <= CALL_SYSEXIT) ||
           (call >= CALL_GET_FREQUENCY && call <= CALL_GET_WALLCLOCK &&
            is_served(probe, CALL_GET_FREQUENCY));
}

void rom_rules(const struct probe *probe)
{
    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        if (i != CALL_IRET && i != CALL_SYSEXIT)
            check_call(probe, i,
                       probe->answers[i].type != VMI_RELOCATION_JUMP_REL,
                       "only IRET and SYSEXIT are jumped to");
    }
    for (unsigned i = CALL_IRET; i <= CALL_SYSEXIT; i++)
        check_call(probe, i,
                   probe->answers[i].type == VMI_RELOCATION_CALL_REL ||
                       probe->answers[i].type == VMI_RELOCATION_JUMP_REL,
                   "Linux has nothing of its own there, and dies");
    for (unsigned i = CALL_DISABLE; i <= CALL_GET_MASK; i++)
        need_call(probe, i, "Linux 2.6.21 patches what must be a call");
    check_call(probe, CALL_ENABLE,
               probe->answers[CALL_ENABLE].type != VMI_RELOCATION_NOP,
               "interrupts would stay off");
    check_call(probe, CALL_SET_MASK,
               probe->answers[CALL_SET_MASK].type != VMI_RELOCATION_NOP,
               "interrupts would stay off");
    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        if (rom_calls[i] && !has_own_rule(probe, i) && !may_be_nop[i])
            check_call(probe, i, probe->answers[i].type != VMI_RELOCATION_NOP,
                       "Linux calls an empty function and goes on as if");
    }
    if (is_called(probe, CALL_WRITE_LDT))
        check_call(probe, CALL_WRITE_IDT, is_called(probe, CALL_WRITE_IDT),
                   "Linux 2.6.26 calls it for WriteLDTEntry");
    both_or_neither(probe, CALL_SET_PXE, CALL_UPDATE_PXE);
    both_or_neither(probe, CALL_SET_PXE_LONG, CALL_UPDATE_PXE_LONG);
    both_or_neither(probe, CALL_ALLOCATE_PAGE, CALL_RELEASE_PAGE);
    if (is_served(probe, CALL_GET_FREQUENCY)) {
        for (unsigned i = CALL_GET_FREQUENCY; i <= CALL_GET_WALLCLOCK; i++)
            need_call(probe, i,
                      "who serves GetCycleFrequency serves all of time");
    }
}
