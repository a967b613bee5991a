/* SPDX-License-Identifier: MIT */
/*
 * The three i386 ROMs and original Linux kernels, 2.6.21 to 2.6.36: every rule
 * behind which there is a way for one of those kernels to break. "Damage:" is
 * what makes a test fail; rules.h refuses most at once, and was left out then.
 */
#include "linux.h"
#include "pvtest.h"

#include "abi/vmi.h"

#define PAGE_OFFSET 0xc0000000u

static const struct linux_kernel kernels[] = {
    { 21, false, true }, { 21, true, true },  { 22, false, false },
    { 23, true, true },  { 24, false, true }, { 25, true, false },
    { 26, false, true }, { 26, true, true },  { 27, true, true },
    { 30, false, true }, { 32, true, true },  { 32, false, false },
    { 34, true, true },  { 36, false, true },
};

/* Each ROM under each kernel; those with state with it, and without. */
static void each(void (*run)(const struct linux_kernel *kernel,
                             struct linux_boot *boot, unsigned image,
                             bool state))
{
    for (unsigned i = 0; i < ROM_IMAGES * 2; i++) {
        const struct rom_image *image = &rom_images[i / 2];
        bool state = i & 1;

        if (state && !image->state_delta)
            continue;
        for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++) {
            struct linux_boot boot = { 0 };
            uint64_t hash;

            machine_start(image, PAGE_OFFSET, MACHINE_ROM);
            if (state)
                machine_post(image);
            hash = machine_rom_hash();
            EXPECT(linux_probe(&boot) == machine.rom);
            linux_activate(&kernels[k], &boot);
            run(&kernels[k], &boot, i / 2, state);
            if (boot.fatal)
                FAIL("2.6.%u%s, %s%s: %s", kernels[k].minor,
                     kernels[k].pae ? " PAE" : "", image->name,
                     state ? " with state" : "", boot.fatal);
            EXPECT_EQ(0, boot.warnings);
            EXPECT_EQ(hash, machine_rom_hash());
            machine_stop();
        }
    }
}

static void nothing(const struct linux_kernel *kernel, struct linux_boot *boot,
                    unsigned image, bool state)
{
    (void)kernel;
    (void)boot;
    (void)image;
    (void)state;
}

/* Damage: JUMP_REL for Halt; SetPxELong without UpdatePxELong. */
PVTEST(activates, "no BUG, no warning, no call of NULL, the image unchanged")
{
    each(nothing);
}

/* Damage: another vendor in header.c; ROM_LICENCE "MIT", if mkrom lets it. */
PVTEST(found, "one line that says who it is, wherever the ROM lies")
{
    static const uint32_t places[] = { 0xc0000, 0xc0800, 0xcb000, 0xd8000 };

    for (unsigned i = 0; i < ROM_IMAGES * 4; i++) {
        const struct rom_image *image = &rom_images[i / 4];
        struct linux_boot boot = { 0 };
        char line[100];

        machine_start(image, PAGE_OFFSET, places[i & 3]);
        EXPECT(linux_probe(&boot) == machine.rom);
        snprintf(line, sizeof(line),
                 "VMI: Found libpvops %s, API version 3.0, ROM version 1.0\n",
                 image->name);
        EXPECT_STR(line, boot.log);
        machine_stop();
    }
}

/* Damage, if mkrom lets it: 'stub' of header.c; the balance of mkrom.c. */
PVTEST(firmware_takes_it, "sum 0, with state too; 03h is a return, or leads on")
{
    for (unsigned i = 0; i < ROM_IMAGES; i++) {
        const struct rom_image *image = &rom_images[i];
        bool state = image->state_delta;
        uint8_t sum = 0;

        machine_start(image, PAGE_OFFSET, MACHINE_ROM);
        if (state)
            machine_post(image);
        for (size_t j = 0; j < machine.rom_bytes; j++)
            sum = (uint8_t)(sum + machine.rom[j]);
        EXPECT_EQ(0, sum);
        EXPECT_EQ(machine.rom_bytes, machine.rom[2] * 512u);
        EXPECT_EQ(state ? 0xe9 : 0xcb, machine.rom[3]);
        machine_stop();
    }
}

/* Damage: a PUSH of EBX in get_relocation without its POP; CALLS + 1. */
PVTEST(answers, "88h: all calls, and none beyond; inside; registers are kept")
{
    static const uint32_t beyond[] = { 74, 75, 100, 255, 1u << 30, UINT32_MAX };

    for (unsigned i = 0; i < ROM_IMAGES; i++) {
        machine_start(&rom_images[i], PAGE_OFFSET, MACHINE_ROM);
        for (uint32_t call = 0; call < 74; call++) {
            struct machine_regs regs = { call, 0xd,  0xc,      0xb, 0x51,
                                         0xd1, 0xb9, { 0, 0 }, 0 };
            uint32_t offset;

            machine_call(&regs, machine.rom + 0x88);
            EXPECT_EQ(0xb, regs.ebx);
            EXPECT_EQ(0x51, regs.esi);
            EXPECT_EQ(0xd1, regs.edi);
            EXPECT_EQ(0xb9, regs.ebp);
            EXPECT_EQ(0, regs.esp_moved);
            EXPECT(regs.edx <= VMI_RELOCATION_NOP);
            offset = regs.eax - (uint32_t)(uintptr_t)machine.rom;
            if (regs.edx == VMI_RELOCATION_CALL_REL ||
                regs.edx == VMI_RELOCATION_JUMP_REL)
                EXPECT(offset >= 0x100 && offset < machine.rom_bytes);
            else
                EXPECT_EQ(0, regs.eax);
        }
        for (size_t j = 0; j < sizeof(beyond) / sizeof(beyond[0]); j++)
            EXPECT_EQ(0, linux_relocation(machine.rom, beyond[j]));
        machine_stop();
    }
}

/* Damage: "addl %ecx, %eax" left out of get_relocation. */
PVTEST(anywhere, "the same at any PAGE_OFFSET and any place")
{
    for (unsigned i = 0; i < ROM_IMAGES; i++) {
        uint64_t first[74];

        for (unsigned at = 0; at < 4; at++) {
            machine_start(&rom_images[i], at & 1 ? 0x80000000u : PAGE_OFFSET,
                          at & 2 ? 0xd4800 : MACHINE_ROM);
            for (uint32_t call = 0; call < 74; call++) {
                uint64_t answer = linux_relocation(machine.rom, call);

                if ((uint32_t)answer)
                    answer -= (uint32_t)(uintptr_t)machine.rom;
                if (!at)
                    first[call] = answer;
                EXPECT_EQ(first[call], answer);
            }
            machine_stop();
        }
    }
}

static void exits(const struct linux_kernel *kernel, struct linux_boot *boot,
                  unsigned image, bool state)
{
    const uint8_t *iret = linux_site(boot, 33), *out = linux_site(boot, 34);

    (void)kernel;
    (void)image;
    (void)state;
    if (boot->fatal)
        return;
    EXPECT(machine_iret(iret));
    machine_forget();
    EXPECT(machine_sysexit(out));
    EXPECT_EQ(2, machine.count);
    EXPECT_STR("sti", machine.events[0].op);
    EXPECT_STR("sysexit", machine.events[1].op);
}

/* Damage: NONE or NOP for 33 or 34; CALL_REL for 33; "sti" out of sysexit. */
PVTEST(returns, "IRET with the frame at ESP; STI and SYSEXIT, side by side")
{
    each(exits);
}

/* CALL_REL, run: all registers but the result are kept; flags may change. */
static struct machine_regs run_site(struct linux_boot *boot, unsigned call,
                                    uint32_t eax)
{
    struct machine_regs regs = { eax, 2, 3, 4, 5, 6, 7, { 0, 0 }, 0 };
    const uint8_t *site = linux_site(boot, call);

    EXPECT_EQ(0xe8, site[0]);
    machine_forget();
    machine_call(&regs, site);
    EXPECT_EQ(0, regs.esp_moved);
    EXPECT(regs.edx == 2 && regs.ecx == 3 && regs.ebx == 4 && regs.esi == 5 &&
           regs.edi == 6 && regs.ebp == 7);
    return regs;
}

static void irqs(const struct linux_kernel *kernel, struct linux_boot *boot,
                 unsigned image, bool state)
{
    (void)kernel;
    (void)image;
    (void)state;
    EXPECT_EQ(1, run_site(boot, 29, 1).eax);
    machine_only_event("sti");
    EXPECT_EQ(1, run_site(boot, 30, 1).eax);
    machine_only_event("cli");
    EXPECT(run_site(boot, 31, 1).eax & 0x200);
    EXPECT_EQ(0, machine.count);
    EXPECT_EQ(0x246, run_site(boot, 32, 0x246).eax);
    EXPECT_EQ(0, machine.count);
}

/* Damage: "movl %eax, %ecx" in native_get_interrupt_mask. */
PVTEST(irq_sites, "29 to 32, called at a patched site, keep every register")
{
    each(irqs);
}

static void double_site(const struct linux_kernel *kernel,
                        struct linux_boot *boot, unsigned image, bool state)
{
    struct machine_regs regs = { 0, 2, 3, 4, 5, 6, 7, { 0, 0 }, 0 };
    const uint8_t *site;

    (void)image;
    (void)state;
    if (kernel->minor != 21)
        return;
    site = linux_double_site(boot);
    if (boot->fatal)
        return;
    machine_forget();
    machine_call(&regs, site);
    EXPECT(regs.eax & 0x200);
    machine_only_event("cli");
}

/* Damage: NONE or NOP for 30 or 31. */
PVTEST(double_site_of_2_6_21, "flags are saved and interrupts off in 18 bytes")
{
    each(double_site);
}

/* One byte that differs could be one that reads memory by DS. */
static void bytes_are(const uint8_t *rom, unsigned call, const char *bytes,
                      size_t count)
{
    const uint8_t *at =
        (const uint8_t *)(uintptr_t)(uint32_t)linux_relocation(rom, call);

    if (memcmp(at, bytes, count) != 0)
        FAIL("call %u is other code", call);
}

/* Damage: a NOP in any of them; a load through DS. */
PVTEST(no_data_segment, "29 to 34 are these bytes, which need CS and SS alone")
{
    for (unsigned i = 0; i < ROM_IMAGES; i++) {
        machine_start(&rom_images[i], PAGE_OFFSET, MACHINE_ROM);
        bytes_are(machine.rom, 29, "\xfb\xc3", 2);
        bytes_are(machine.rom, 30, "\xfa\xc3", 2);
        bytes_are(machine.rom, 31, "\x9c\x58\xc3", 3);
        bytes_are(machine.rom, 32, "\x50\x9d\xc3", 3);
        bytes_are(machine.rom, 33, "\xcf", 1);
        bytes_are(machine.rom, 34, "\xfb\x0f\x35", 3);
        machine_stop();
    }
}

static void descriptors(const struct linux_kernel *kernel,
                        struct linux_boot *boot, unsigned image, bool state)
{
    (void)image;
    (void)state;
    for (unsigned call = 11; call <= 13; call++) {
        static uint64_t table[4];

        table[2] = 0;
        linux_write_descriptor(kernel, boot, call, table, 2,
                               0x00cf9a000000ffffu);
        EXPECT_EQ(0x00cf9a000000ffffu, table[2]);
    }
}

/* Damage: CALL_REL for 11 (2.6.25), for 12 (2.6.26), NOP for 13 (2.6.21). */
PVTEST(descriptors_are_whole, "11 to 13 write what the kernel meant to write")
{
    each(descriptors);
}

static void apic(const struct linux_kernel *kernel, struct linux_boot *boot,
                 unsigned image, bool state)
{
    (void)kernel;
    (void)image;
    (void)state;
    /* The kernel gives 0xb0 where the fixed mapping's 0xb0 is meant. */
    EXPECT_EQ(LINUX_NATIVE, boot->slots[63].kind);
    EXPECT_EQ(LINUX_NATIVE, boot->slots[64].kind);
    /* The ROM has no way to start one; the kernel has. */
    EXPECT_EQ(LINUX_NATIVE, boot->slots[62].kind);
}

/* Damage: ROM_CALL(APICWrite, CALL_REL, ...); the same for 62. */
PVTEST(apic_is_the_kernels, "62 to 64 are left to the kernel")
{
    each(apic);
}

static void timer(const struct linux_kernel *kernel, struct linux_boot *boot,
                  unsigned image, bool state)
{
    (void)kernel;
    if (image == ROM_TIMER)
        EXPECT_EQ(state, boot->vmi_timer);
    else if (image == ROM_NATIVE || !state)
        EXPECT(!boot->vmi_timer);
}

/* Damage: ROM_CALL for ROM_CALL_IF_READY of 66, or of 67; rom_ready() true. */
PVTEST(timer_is_whole_or_none,
       "66 brings 67 to 70; without state there is none")
{
    each(timer);
}

static void later(const struct linux_kernel *kernel, struct linux_boot *boot,
                  unsigned image, bool state)
{
    uint64_t first[74];

    (void)kernel;
    (void)image;
    (void)state;
    for (uint32_t call = 0; call < 74; call++)
        first[call] = linux_relocation(boot->rom, call);
    for (uint32_t call = 0; call < 74; call++)
        EXPECT_EQ(first[call], linux_relocation(boot->rom, call));
}

/* Damage: state->ready = false in rom_ready(). */
PVTEST(modules_get_the_same, "88h answers alike for the kernel's whole life")
{
    each(later);
}

static void empty_slots(const struct linux_kernel *kernel,
                        struct linux_boot *boot, unsigned image, bool state)
{
    (void)kernel;
    (void)image;
    (void)state;
    for (unsigned call = 0; call < LINUX_CALLS; call++) {
        if (boot->slots[call].kind == LINUX_EMPTY)
            EXPECT_EQ(65, call);
    }
    /* The kernel's own store needs no telling, but the two are one. */
    EXPECT_EQ(boot->slots[38].kind, boot->slots[40].kind);
    EXPECT_EQ(boot->slots[39].kind, boot->slots[41].kind);
}

/* Damage: NOP for GetCR2, with rules.h's HAS_RESULT left out. */
PVTEST(nothing_with_a_result_is_empty, "NOP is for a delay alone")
{
    each(empty_slots);
}
