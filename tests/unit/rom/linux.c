/* SPDX-License-Identifier: MIT */
/*
 * The model of Linux: finding a ROM, asking it, patching.
 */
#define _GNU_SOURCE
#include "linux.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/vmi.h"

#define IRET_POISON    0x0badbab0u
#define SYSEXIT_POISON 0xfeedbab0u

enum {
    CPUID = 0,
    ENABLE_INTERRUPTS = 29,
    DISABLE_INTERRUPTS = 30,
    GET_INTERRUPT_MASK = 31,
    SET_INTERRUPT_MASK = 32,
    IRET = 33,
    SYSEXIT = 34,
    SET_PXE = 38,
    SET_PXE_LONG = 39,
    UPDATE_PXE = 40,
    UPDATE_PXE_LONG = 41,
    SET_INITIAL_AP_STATE = 62,
    GET_CYCLE_FREQUENCY = 66,
};

__attribute__((format(printf, 2, 3))) static void print(struct linux_boot *boot,
                                                        const char *format, ...)
{
    size_t used = strlen(boot->log);
    va_list args;

    va_start(args, format);
    vsnprintf(boot->log + used, sizeof(boot->log) - used, format, args);
    va_end(args);
}

__attribute__((format(printf, 2, 3))) static void warn(struct linux_boot *boot,
                                                       const char *format, ...)
{
    char text[128];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    print(boot, "warning: %s\n", text);
    boot->warnings++;
}

static void fatal(struct linux_boot *boot, const char *why)
{
    if (!boot->fatal)
        boot->fatal = why;
}

/* The kernel's order; the checksum and the length are nobody's business. */
static bool check(struct linux_boot *boot, const uint8_t *rom)
{
    const struct vmi_header *header = (const void *)rom;
    const struct vmi_pci *pci = (const void *)(rom + header->pci);
    const struct vmi_pnp *pnp = (const void *)(rom + header->pnp);
    const char *licence, *maker = "", *product = "";

    if (header->rom_signature != VMI_ROM_SIGNATURE ||
        header->vmi_signature != VMI_SIGNATURE)
        return false;
    if (header->api_major != 3 || header->api_minor + 1 < 1) {
        warn(boot, "mismatched rom version");
        return false;
    }
    if (!header->pci) {
        warn(boot, "no PCI data structure");
        return false;
    }
    if (pci->vendor != 0x15ad || pci->device != 0x0801)
        warn(boot, "unknown manufacturer");
    if (header->pnp) {
        maker = (const char *)rom + pnp->manufacturer;
        product = (const char *)rom + pnp->product;
    }
    licence =
        header->licence ? (const char *)rom + header->licence : "unspecified";
    if (strcmp(licence, "GPL") != 0 && strcmp(licence, "GPL v2") != 0) {
        warn(boot, "Non GPL license: %s", licence);
        return false;
    }
    print(boot, "VMI: Found %s %s, API version %u.%u, ROM version %u.%u\n",
          maker, product, header->api_major, header->api_minor, pci->rom_major,
          pci->rom_minor);
    return true;
}

const uint8_t *linux_probe(struct linux_boot *boot)
{
    for (uint32_t at = VMI_ROM_FIRST; at < VMI_ROM_END; at += VMI_ROM_STEP) {
        if (check(boot, machine.memory + at)) {
            boot->rom = machine.memory + at;
            return boot->rom;
        }
    }
    return NULL;
}

uint64_t linux_relocation(const uint8_t *rom, uint32_t call)
{
    struct machine_regs regs = { .eax = call };

    machine_call(&regs, rom + offsetof(struct vmi_header, get_relocation));
    return (uint64_t)regs.edx << 32 | regs.eax;
}

static uint32_t ask(struct linux_boot *boot, unsigned call, uint32_t *out_type)
{
    uint64_t answer = linux_relocation(boot->rom, call);

    *out_type = (uint32_t)(answer >> 32) & 0xff;
    return (uint32_t)answer;
}

/* A pointer that has the native function until the ROM has something better. */
static void fill(struct linux_boot *boot, unsigned call)
{
    struct linux_slot *slot = &boot->slots[call];
    uint32_t type;

    slot->target = ask(boot, call, &type);
    if (type == VMI_RELOCATION_CALL_REL)
        slot->kind = LINUX_ROM;
    else if (type == VMI_RELOCATION_NOP)
        slot->kind = LINUX_EMPTY;
    else if (type != VMI_RELOCATION_NONE)
        warn(boot, "Unknown relocation type %u for call %u", type, call);
}

/* A wrapper of the kernel's in front of the ROM's function; or a kept pointer.
 */
static void wrap(struct linux_boot *boot, unsigned call)
{
    struct linux_slot *slot = &boot->slots[call];
    uint32_t type;

    slot->target = ask(boot, call, &type);
    if (type == VMI_RELOCATION_JUMP_REL)
        fatal(boot, "BUG: JUMP_REL where a function is kept");
    if (type == VMI_RELOCATION_CALL_REL)
        slot->kind = LINUX_ROM;
}

/* Any answer but NONE is a pointer; the others are then called unasked. */
static void activate_timer(struct linux_boot *boot)
{
    uint32_t type, target = ask(boot, GET_CYCLE_FREQUENCY, &type);

    if (type == VMI_RELOCATION_NONE)
        return;
    boot->vmi_timer = true;
    boot->slots[GET_CYCLE_FREQUENCY] = (struct linux_slot){ LINUX_ROM, target };
    if (type != VMI_RELOCATION_CALL_REL || !target)
        fatal(boot, "GetCycleFrequency: a wild pointer");
    for (unsigned call = 67; call <= 71; call++) {
        wrap(boot, call);
        if (call != 71 && boot->slots[call].kind != LINUX_ROM)
            fatal(boot, "a timer without 67, 68, 69 or 70: call of NULL");
    }
}

static void activate_mmu(const struct linux_kernel *kernel,
                         struct linux_boot *boot)
{
    unsigned set = kernel->pae ? SET_PXE_LONG : SET_PXE;
    unsigned update = kernel->pae ? UPDATE_PXE_LONG : UPDATE_PXE;
    static const uint8_t cached[] = { 44, 45, 48 };

    for (unsigned i = 0; i < sizeof(cached); i++)
        wrap(boot, cached[i]);
    wrap(boot, set);
    wrap(boot, update);
    /* pte_update() needs the one, set_pte_atomic() with PAE the other. */
    if (boot->slots[set].kind != boot->slots[update].kind)
        fatal(boot, "SetPxE without UpdatePxE: call of NULL");
    if (boot->slots[44].kind != boot->slots[45].kind)
        fatal(boot, "AllocatePage without ReleasePage");
}

void linux_activate(const struct linux_kernel *kernel, struct linux_boot *boot)
{
    static const uint8_t filled[] = { 3,  5,  7,  9,  10, 15, 16, 17, 18, 19,
                                      20, 21, 22, 23, 24, 25, 27, 28, 29, 30,
                                      31, 32, 35, 46, 61, 63, 64, 65 };
    static const uint8_t wrapped[] = { CPUID, 4, 6, 14, 47, 73 };
    struct machine_regs regs = { 0 };

    machine_call(&regs, boot->rom + offsetof(struct vmi_header, init));
    if (regs.eax) {
        warn(boot, "VMI ROM failed to initialize!");
        boot->rom = NULL;
        return;
    }
    for (unsigned i = 0; i < sizeof(filled); i++)
        fill(boot, filled[i]);
    for (unsigned i = 0; i < sizeof(wrapped); i++)
        wrap(boot, wrapped[i]);
    for (unsigned call = 11; call <= 13; call++) {
        if (kernel->minor <= 23)
            fill(boot, call);
        else
            wrap(boot, call);
    }
    activate_mmu(kernel, boot);
    if (kernel->smp)
        wrap(boot, SET_INITIAL_AP_STATE);
    activate_timer(boot);
}

static uint8_t *new_site(void)
{
    static uint8_t *page;
    static unsigned used;

    if (!page || used + 64 > 65536) {
        page = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        used = 0;
    }
    used += 64;
    return page + used - 64;
}

/* Returns how many of the site's bytes are kept. */
static unsigned patch(struct linux_boot *boot, unsigned call, uint8_t *site,
                      unsigned bytes)
{
    uint32_t type, target = ask(boot, call, &type);
    uint32_t relative = target - (uint32_t)(uintptr_t)(site + 5);

    switch (type) {
    case VMI_RELOCATION_NONE:
        return bytes;
    case VMI_RELOCATION_NOP:
        return 0;
    case VMI_RELOCATION_CALL_REL:
    case VMI_RELOCATION_JUMP_REL:
        if (bytes < 5)
            fatal(boot, "BUG: a site of less than five bytes");
        site[0] = type == VMI_RELOCATION_CALL_REL ? 0xe8 : 0xe9;
        memcpy(site + 1, &relative, 4);
        return 5;
    default:
        fatal(boot, "BUG: a relocation type that is none");
        return bytes;
    }
}

/* CALL or JMP through a pointer, which is 'pointer' itself here: nowhere. */
static unsigned original(uint8_t *site, unsigned call)
{
    uint32_t pointer = call == IRET      ? IRET_POISON
                       : call == SYSEXIT ? SYSEXIT_POISON
                                         : 0;
    unsigned prefix = call >= IRET;

    site[0] = 0x2e; /* CS: of the jumps; overwritten for a call */
    site[prefix] = 0xff;
    site[prefix + 1] = prefix ? 0x25 : 0x15;
    memcpy(site + prefix + 2, &pointer, 4);
    return prefix + 6;
}

const uint8_t *linux_site(struct linux_boot *boot, unsigned call)
{
    uint8_t *site = new_site();
    unsigned bytes = original(site, call);
    unsigned kept = patch(boot, call, site, bytes);

    memset(site + kept, 0x90, bytes - kept);
    site[bytes] = 0xc3;
    if (kept == bytes && call >= IRET)
        fatal(boot, "a jump to poison");
    if (!kept && call >= IRET)
        fatal(boot, "the end of an exception falls through");
    return site;
}

/* Two patches in 18 bytes, of which ten are kept whatever they are. */
const uint8_t *linux_double_site(struct linux_boot *boot)
{
    uint8_t *site = new_site();

    memset(site, 0xcc, LINUX_SITE_BYTES);
    patch(boot, GET_INTERRUPT_MASK, site, 5);
    patch(boot, DISABLE_INTERRUPTS, site + 5, 5);
    memset(site + 10, 0x90, LINUX_SITE_BYTES - 10);
    site[LINUX_SITE_BYTES] = 0xc3;
    if (site[0] != 0xe8 || site[5] != 0xe8)
        fatal(boot, "the double site is garbage");
    return site;
}

/*
 * 2.6.24 and 2.6.25 take the third word of a descriptor of two for its second
 * half (GDT and IDT); 2.6.26 to 2.6.31 call the IDT's function for the LDT.
 */
void linux_write_descriptor(const struct linux_kernel *kernel,
                            struct linux_boot *boot, unsigned call,
                            uint64_t *table, unsigned index, uint64_t value)
{
    struct linux_slot slot = boot->slots[call];
    uint32_t words[3] = { (uint32_t)value, (uint32_t)(value >> 32),
                          0xdeadbeef };
    bool third = (kernel->minor == 24 || kernel->minor == 25) && call != 12;
    struct machine_regs regs;

    if (slot.kind == LINUX_EMPTY)
        return;
    if (slot.kind == LINUX_NATIVE) {
        table[index] = value;
        return;
    }
    if (kernel->minor >= 26 && kernel->minor <= 31 && call == 12)
        slot = boot->slots[13];
    if (slot.kind != LINUX_ROM) {
        fatal(boot, "WriteLDTEntry without WriteIDTEntry: call of NULL");
        return;
    }
    regs = (struct machine_regs){ .eax = (uint32_t)(uintptr_t)table,
                                  .edx = index,
                                  .ecx = words[0],
                                  .stack = { words[third ? 2 : 1] } };
    machine_call(&regs, (const void *)(uintptr_t)slot.target);
}
