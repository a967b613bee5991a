/* SPDX-License-Identifier: MIT */
/*
 * Option ROM, boot module, ACPI table, firmware: which of these this machine
 * and this kernel have.
 */
#include "plan/rom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "platform/needs.h"

enum verdict plan_rom_open(struct plan *plan, char why[WHY_BYTES])
{
    const char *text = plan->options.rom;

    plan->own_rom = needs_rom(plan->platform);
    if (plan->own_rom && text) {
        snprintf(why, WHY_BYTES,
                 "%s has a ROM of its own: --rom is for the other platforms",
                 plan->name);
        return VERDICT_SKIP;
    }
    if (plan->own_rom)
        text = plan->own_rom;
    if (!text)
        return VERDICT_PASS;
    return guest_rom_open(text, &plan->rom, why) ? VERDICT_PASS : VERDICT_ERROR;
}

/* Bits of the kernel's CPU mode; 0: the file does not tell. */
static unsigned kernel_bits(const struct image *image)
{
    if (image->format == IMAGE_ELF)
        return image->i386 ? 32 : 64;
    return image->format == IMAGE_BZIMAGE && image->bits == 64 ? 64 : 0;
}

static const char *refuse_option(const struct plan *plan, bool uefi)
{
    const struct platform *platform = plan->platform;

    if (platform->domain == DOMAIN_PV || platform->domain == DOMAIN_PVH)
        return "a Xen PV or PVH domain has no option ROMs, and a ROM of VMI "
               "3.0 is one";
    if (platform->domain == DOMAIN_HVM)
        return "Xen's loader of HVM domains takes no option ROM, and a ROM of "
               "VMI 3.0 is one";
    if (uefi)
        return "UEFI leaves no option ROM where a kernel looks for VMI 3.0";
    if (platform->no_media)
        return "this machine has no option ROMs, and a ROM of VMI 3.0 is one";
    return NULL;
}

static const char *refuse_table(const struct plan *plan, bool uefi)
{
    const struct platform *platform = plan->platform;

    if (platform->domain == DOMAIN_PV)
        return "in a Xen PV domain no kernel looks for a ROM in ACPI's tables";
    if (platform->domain == DOMAIN_PVH)
        return "Xen and xl give a PVH domain no ACPI table but those they know";
    if (platform->no_media)
        return "this machine has no ACPI";
    if (plan->rom.way != ROM_REGION)
        return NULL;
    if (platform->domain != DOMAIN_NONE)
        return "the reserved region is in the machine's own firmware, which a "
               "Xen domain does not have";
    if (uefi)
        return "the reserved region is in SeaBIOS's memory, not in OVMF's";
    if (!needs_seabios())
        return "SeaBIOS is not installed (Debian: seabios)";
    return NULL;
}

/* The reason why it cannot go in; NULL: it can. */
static const char *refuse_way(const struct plan *plan)
{
    bool uefi = plan->options.uefi || plan->platform->uefi;

    switch (plan->rom.way) {
    case ROM_NONE:
        break;
    case ROM_OPTION:
        return refuse_option(plan, uefi);
    case ROM_MODULE:
        if (plan->door == DOOR_FIRMWARE)
            return "an ISO or disk brings its own modules: a 64-bit ROM goes "
                   "beside it by --rom acpi:FILE";
        break;
    case ROM_ACPI:
    case ROM_REGION:
        return refuse_table(plan, uefi);
    }
    return NULL;
}

static bool make_files(struct plan *plan, unsigned index, char why[WHY_BYTES])
{
    const char *temp = dirs_temp(why);

    if (!temp)
        return false;
    /* Source: QEMU 7.2 hw/acpi/core.c, acpi_table_add(). */
    if (strchr(temp, ':')) {
        snprintf(why, WHY_BYTES,
                 "the temporary folder %.300s has a ':' in its name, which "
                 "QEMU's -acpitable takes for the end of it: set TMPDIR",
                 temp);
        return false;
    }
    plan->acpi_table = text_new("%s/vmir-%u", temp, index);
    if (!guest_rom_table(&plan->rom, plan->acpi_table, why))
        return false;
    if (plan->rom.way != ROM_REGION)
        return true;
    plan->firmware = text_new("%s/firmware-%u", temp, index);
    return guest_rom_firmware(&plan->rom, needs_seabios(), plan->firmware, why);
}

enum verdict plan_rom_place(struct plan *plan, unsigned index,
                            char why[WHY_BYTES])
{
    unsigned bits = kernel_bits(&plan->image);
    const char *reason;

    if (plan->rom.way == ROM_NONE)
        return VERDICT_PASS;
    reason = refuse_way(plan);
    if (reason) {
        snprintf(why, WHY_BYTES, "%s", reason);
        return VERDICT_SKIP;
    }
    if (bits && bits != plan->rom.bits) {
        snprintf(why, WHY_BYTES,
                 "the ROM is for kernels of %s, and this one is of %s",
                 plan->rom.bits == 32 ? "i386" : "x86-64",
                 bits == 32 ? "i386" : "x86-64");
        return VERDICT_SKIP;
    }
    if (plan->rom.way != ROM_ACPI && plan->rom.way != ROM_REGION)
        return VERDICT_PASS;
    return make_files(plan, index, why) ? VERDICT_PASS : VERDICT_ERROR;
}
