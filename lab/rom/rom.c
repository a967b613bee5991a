/* SPDX-License-Identifier: MIT */
/*
 * rom: describe a ROM, or name every rule that it breaks.
 */
#include "rom/rom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/sha256.h"
#include "base/stop.h"
#include "base/verdict.h"
#include "platform/platform.h"

/* Its length is a byte; run --rom takes no larger file. */
enum { MOST_BYTES = UINT8_MAX * VMI_BLOCK_BYTES };

bool rom_open(const char *path, struct rom *out_rom, char why[IMAGE_WHY_BYTES])
{
    const struct vmi_header *header;

    *out_rom = (struct rom){ .path = path, .major = VMI_API_MAJOR };
    if (!image_map(path, &out_rom->bytes, why))
        return false;
    header = (const void *)out_rom->bytes.data;
    if (out_rom->bytes.size >= sizeof(*header) &&
        header->api_major == VMI64_API_MAJOR)
        out_rom->major = VMI64_API_MAJOR;
    out_rom->broken = pvi_rom_check(out_rom->bytes.data, out_rom->bytes.size,
                                    out_rom->major, &out_rom->image);
    if (out_rom->bytes.size > MOST_BYTES)
        out_rom->problems[out_rom->problem_count++] = text_new(
            "the file is larger than a VMI ROM can be: %d bytes", MOST_BYTES);
    return true;
}

void rom_close(struct rom *rom)
{
    for (size_t i = 0; i < rom->problem_count; i++)
        free(rom->problems[i]);
    image_unmap(&rom->bytes);
}

const char *rom_call_name(const struct rom *rom, unsigned call)
{
    static const char *const vmi[ROM_CALLS] = {
#define PVOPS_VMI_CALL(number, name) [number] = #name,
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
    };
    static const char *const vmi64[ROM_CALLS] = {
#define PVOPS_VMI64_CALL(number, name, chapter, op) [number] = #name,
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
        [VMI64_CALL_SETUP] = "Setup",
        [VMI64_CALL_CPU_SETUP] = "CPUSetup",
        [VMI64_CALL_CPU_TEARDOWN] = "CPUTeardown",
    };

    return (rom->major == VMI64_API_MAJOR ? vmi64 : vmi)[call];
}

const char *rom_type_name(const struct rom *rom, unsigned type)
{
    static const char *const names[] = { "NONE", "CALL_REL", "JUMP_REL", "NOP",
                                         "INLINE" };
    unsigned count = rom->major == VMI64_API_MAJOR ? 5 : 4;

    return type < count ? names[type] : NULL;
}

void rom_hash(const struct rom *rom, char text[65])
{
    sha256_bytes(rom->bytes.data,
                 rom->image.length ? rom->image.length : rom->bytes.size, text);
}

const char *rom_note(const struct rom *rom, unsigned index)
{
    const struct pvi_rom_image *image = &rom->image;
    const uint8_t *pnp = (const uint8_t *)image->pnp;
    const char *notes[6];
    unsigned count = 0;
    uint8_t sum = 0;

    if (image->length && image->length < rom->bytes.size)
        notes[count++] = "the file goes on behind the image";
    if (rom->major == VMI_API_MAJOR && image->pci &&
        (image->pci->vendor != VMI_VENDOR || image->pci->device != VMI_DEVICE))
        notes[count++] = "PCI vendor and device are not VMware's 15ad:0801: "
                         "Linux warns and takes the ROM";
    if (rom->major == VMI_API_MAJOR && image->header && !image->header->pnp)
        notes[count++] = "no PnP header: a BIOS takes 03h for the way to boot";
    for (unsigned i = 0; pnp && i < sizeof(*image->pnp); i++)
        sum = (uint8_t)(sum + pnp[i]);
    if (sum || (pnp && image->pnp->length != sizeof(*image->pnp) / 16))
        notes[count++] = "the PnP header's own length or checksum is wrong";
    if (pnp && (image->pnp->bcv || image->pnp->bev))
        notes[count++] = "the PnP header offers a BIOS to boot from this ROM";
    return index < count ? notes[index] : NULL;
}

void rom_print_check(const struct rom *rom)
{
    const uint32_t marks =
        1u << PVI_ROM_SIGNATURE | 1u << PVI_ROM_VMI_SIGNATURE;
    const char *note;

    if ((rom->broken & marks) == marks)
        printf("%s is no VMI ROM: neither 55 AA nor \"cVmi\" is there\n",
               rom->path);
    for (unsigned i = 0; i < PVI_ROM_RULES; i++) {
        if (rom->broken >> i & 1)
            printf("%s: %s\n", rom->path,
                   pvi_rom_rule_text((enum pvi_rom_rule)i));
    }
    for (size_t i = 0; i < rom->problem_count; i++)
        printf("%s: %s\n", rom->path, rom->problems[i]);
    if (!rom->broken && !rom->problem_count)
        printf("%s: breaks no rule of %s%s\n", rom->path,
               rom->major == VMI_API_MAJOR ? "VMI 3.0" : "VMI's 64-bit profile",
               rom->asked == ROM_ANSWERED
                   ? ""
                   : " that can be told without its answers");
    for (unsigned i = 0; (note = rom_note(rom, i)); i++)
        printf("%s: note: %s\n", rom->path, note);
    if (rom->asked != ROM_ANSWERED && rom->why[0])
        printf("%s: note: %s\n", rom->path, rom->why);
}

static int report(const struct cmdline *line, struct rom *rom)
{
    char why[WHY_BYTES];

    if (!rom_ask(rom, line, why)) {
        fprintf(stderr, "pvlab: %s: %s\n", rom->path, why);
        return VERDICT_ERROR;
    }
    if (line->rom_check)
        rom_print_check(rom);
    else if (line->list_json)
        rom_print_json(rom);
    else
        rom_print(rom);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pvlab: stdout: %s\n", strerror(errno));
        return VERDICT_ERROR;
    }
    return rom->broken || rom->problem_count ? VERDICT_FAIL : VERDICT_PASS;
}

int rom_verb(const struct cmdline *line)
{
    const char *path = line->options.kernel;
    char why[IMAGE_WHY_BYTES];
    struct rom rom;
    int status;

    if (line->on && !platform_find(line->on))
        usage("no platform '%s'", line->on);
    stop_setup();
    if (!rom_open(path, &rom, why)) {
        fprintf(stderr, "pvlab: %s: %s\n", path, why);
        return VERDICT_ERROR;
    }
    status = report(line, &rom);
    rom_close(&rom);
    dirs_remove_temp();
    return stop_requested() ? stop_status() : status;
}
