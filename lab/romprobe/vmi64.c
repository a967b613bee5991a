/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile: a copy of the first module, with its state behind it, and
 * what docs/vmi64.md says of its answers.
 */
#include "probe.h"

#include <pvops/clock.h>
#include <pvops/console.h>
#include <pvops/host.h>

#include "insn.h"
#include "site_code.h"
#include "start/start.h"
#include "vmi_image.h"

enum {
    MOST_IMAGE = 31 * 4096,
    MSR_FS_BASE = (int)0xc0000100,
    MSR_GS_BASE = (int)0xc0000101,
    CALL_CANCEL_ALARM = 69,
    CALL_GET_WALLCLOCK = 70,
    CALL_GET_TIME_NS = 148,
    CALL_GET_STOLEN_NS = 149,
    CALL_SET_DEADLINE = 150,
    CALL_ARRIVED = 151,
};

const char *const rom_types[] = { "NONE", "CALL_REL", "JUMP_REL", "NOP",
                                  "INLINE" };
const unsigned rom_type_count = 5;

const char *const rom_calls[PROBE_CALLS] = {
#define PVOPS_VMI64_CALL(number, name, chapter, op) [number] = #name,
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
    [VMI64_CALL_SETUP] = "Setup",
    [VMI64_CALL_CPU_SETUP] = "CPUSetup",
    [VMI64_CALL_CPU_TEARDOWN] = "CPUTeardown",
};

/* The copy, its state, and this CPU's area. */
static uint8_t area[MOST_IMAGE + PVI_ROM_MOST_STATE]
    __attribute__((aligned(4096)));
static uint8_t cpu_area[PVI_ROM_MOST_CPU] __attribute__((aligned(64)));
static struct pvi_rom_image image;

static void set_cpu_area(const struct vmi64_header *header)
{
    if (header->cpu_bytes)
        x86_wrmsr(header->cpu_segment == 'g' ? (uint32_t)MSR_GS_BASE
                                             : (uint32_t)MSR_FS_BASE,
                  (uintptr_t)cpu_area - header->cpu_offset);
}

bool rom_find(struct probe *probe)
{
    const struct guest_module *module = &guest_boot.modules[0];
    uint32_t broken;

    if (!guest_boot.module_count || module->size < sizeof(struct vmi_header)) {
        guest_error("found", "no ROM is there: it is to be the first module");
        return false;
    }
    probe->rom = area;
    probe->bytes = module->size < MOST_IMAGE ? module->size : MOST_IMAGE;
    __builtin_memcpy(area, module->bytes, probe->bytes);
    broken = pvi_rom_check(area, probe->bytes, VMI64_API_MAJOR, &image);
    for (unsigned i = 0; i < PVI_ROM_RULES; i++) {
        if (broken >> i & 1)
            guest_fail("found", "%s", pvi_rom_rule_text(i));
    }
    if (!image.length)
        return false;
    /* A loader may have rounded the size up. */
    probe->bytes = image.length;
    probe->code_at = VMI64_CODE_AT;
    __builtin_memset(area + probe->bytes, 0, sizeof(area) - probe->bytes);
    set_cpu_area(image.vmi64);
    return true;
}

static void log_line(uint32_t level, const char *line)
{
    guest_text("\nROM log %u %s\n", level, line);
}

/* A line has been begun by whoever asks the ROM. */
static void panic(const char *why)
{
    guest_text("\n");
    guest_fail("panic", "%s", why);
    guest_end();
    guest_poweroff();
}

static uint64_t paddr(const void *va)
{
    return (uintptr_t)va;
}

static void *map(uint64_t address, size_t bytes, uint32_t how)
{
    return pvops_host_map(address, bytes, (enum pvops_map)how);
}

static void *va(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static uint16_t segment(bool code)
{
    uint16_t selector;

    if (code)
        __asm__("mov %%cs, %0" : "=r"(selector));
    else
        __asm__("mov %%ss, %0" : "=r"(selector));
    return selector;
}

uintptr_t rom_init_argument(void)
{
    static struct vmi64_init init;
    static struct pvops_info info;
    struct pvops_probe_options options = {
        .entry = guest_boot.xen_pv ? PVOPS_ENTRY_XEN_PV : PVOPS_ENTRY_PVH,
        .xen_start_info = boot_private.xen_start_info,
    };

    pvops_probe(&options, &info);
    init = (struct vmi64_init){
        .bytes = sizeof(init),
        .entry = options.entry,
        .xen_start_info = (uintptr_t)options.xen_start_info,
        .tsc_hz = info.tsc_hz,
        .apic_hz = info.apic_hz,
        .selectors = { segment(true), segment(false) },
        .log = (uintptr_t)log_line,
        .panic = (uintptr_t)panic,
        .paddr = (uintptr_t)paddr,
        .map = (uintptr_t)map,
        .va = (uintptr_t)va,
    };
    return (uintptr_t)&init;
}

bool rom_init_ran(uint32_t status)
{
    switch (status) {
    case VMI64_OK:
        guest_pass("init");
        return true;
    case VMI64_E_DOES_NOT_FIT:
        guest_skip("init",
                   "Init says that the ROM does not fit here; it is "
                   "for platform %s",
                   image.platform ? image.platform : "(unnamed)");
        return false;
    case VMI64_E_UNSUPPORTED:
    case VMI64_E_REFUSED:
        guest_skip("init",
                   "Init says that this machine lacks what it needs "
                   "(status %u)",
                   status);
        return false;
    default:
        guest_fail("init", "Init returns %u", status);
        return false;
    }
}

/* Redundant in front of this body; 66 is where REX.W makes it ineffective. */
static bool is_prefix(uint8_t pad, uint8_t first)
{
    static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x67 };

    for (unsigned i = 0; i < sizeof(prefixes); i++) {
        if (pad == prefixes[i])
            return true;
    }
    return pad == 0x66 && (first & 0xf8) == 0x48;
}

static void check_body(const struct probe *probe, unsigned call)
{
    const struct answer *answer = &probe->answers[call];
    uint64_t body = answer->target + answer->skip;

    check_call(probe, call, answer->length <= PVI_SITE_BYTES,
               "its body has %u bytes, and a site %u", answer->length,
               PVI_SITE_BYTES);
    if (answer->target >= probe->bytes)
        return; /* that is a rule of every call */
    check_call(probe, call, body + answer->length <= probe->bytes,
               "its body is outside the ROM");
    if (body < probe->bytes)
        check_call(probe, call, is_prefix(answer->pad, probe->rom[body]),
                   "%x is no redundant prefix there", answer->pad);
}

static bool is_life_cycle(unsigned call)
{
    return call >= VMI64_CALL_SETUP && call <= VMI64_CALL_CPU_TEARDOWN;
}

static void check_life_cycle(const struct probe *probe, unsigned call)
{
    uint8_t type = probe->answers[call].type;
    bool whole = image.vmi64->flags & VMI64_WHOLE;

    check_call(probe, call,
               type == VMI_RELOCATION_CALL_REL ||
                   (type == VMI_RELOCATION_NONE && !whole),
               whole ? "a whole ROM has it, as CALL_REL"
                     : "it can be CALL_REL alone, or NONE");
}

/* A whole ROM: all of time. Each: the clock, with or without wall clock. */
static void check_time(const struct probe *probe)
{
    static const unsigned timer[] = { CALL_CANCEL_ALARM, CALL_GET_STOLEN_NS,
                                      CALL_SET_DEADLINE, CALL_ARRIVED };
    bool whole = image.vmi64->flags & VMI64_WHOLE;
    unsigned served = 0;

    for (unsigned i = 0; !whole && i < 4; i++)
        check_call(probe, timer[i], !is_served(probe, timer[i]),
                   "a partial ROM has no timer: its CPUSetup is not called");
    for (unsigned i = 0; whole && i < 4; i++)
        served += is_served(probe, timer[i]);
    for (unsigned i = 0; served && i < 4; i++)
        check_call(probe, timer[i], is_served(probe, timer[i]),
                   "another call of time is served: then all are");
    if (served)
        check_call(probe, CALL_GET_WALLCLOCK,
                   is_served(probe, CALL_GET_WALLCLOCK),
                   "another call of time is served: then all are");
    if (served || is_served(probe, CALL_GET_WALLCLOCK))
        check_call(probe, CALL_GET_TIME_NS, is_served(probe, CALL_GET_TIME_NS),
                   "another call of time is served, and this one is not");
}

static bool is_nothing(const struct answer *answer)
{
    return answer->type == VMI_RELOCATION_NOP ||
           (answer->type == VMI64_RELOCATION_INLINE && !answer->length);
}

void rom_rules(const struct probe *probe)
{
    for (unsigned i = 0; i < PROBE_CALLS; i++) {
        if (rom_calls[i] && !is_life_cycle(i))
            check_call(probe, i,
                       !is_nothing(&probe->answers[i]) || pvi_rom_may_be_nop(i),
                       "a kernel cannot go on without it");
        if (probe->answers[i].type == VMI64_RELOCATION_INLINE)
            check_body(probe, i);
        if (is_life_cycle(i))
            check_life_cycle(probe, i);
        else if (rom_calls[i] && image.vmi64->flags & VMI64_XEN_PV)
            check_call(probe, i, is_served(probe, i),
                       "a ROM for Xen PV answers for every call");
    }
    check_time(probe);
}
