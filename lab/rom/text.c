/* SPDX-License-Identifier: MIT */
/*
 * A ROM in words: the report of pvlab rom info, at 80 columns.
 */
#include "rom/rom.h"

#include <capstone/capstone.h>
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"
#include "report/text.h"

enum { TEXT_BYTES = 128, FIELD_TEXT = 52 };

/* A line of a chapter; what is too long for it is cut off. */
__attribute__((format(printf, 2, 3))) static void field(const char *name,
                                                        const char *format, ...)
{
    char text[512], *clean;
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    clean = text_clean(text, TEXT_ASCII, FIELD_TEXT);
    printf("  %-25s %s\n", name, clean);
    free(clean);
}

/* The first instructions of 'size' bytes, AT&T; "" if they are none. */
static void disassemble(const struct rom *rom, size_t at, size_t size,
                        size_t most, char text[TEXT_BYTES])
{
    size_t count, length = 0;
    cs_insn *code;
    csh engine;

    text[0] = '\0';
    if (at > rom->image.length || size > rom->image.length - at)
        return;
    if (cs_open(CS_ARCH_X86,
                rom->major == VMI64_API_MAJOR ? CS_MODE_64 : CS_MODE_32,
                &engine) != CS_ERR_OK)
        errx(VERDICT_ERROR, "capstone cannot disassemble x86");
    cs_option(engine, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    count = cs_disasm(engine, rom->image.bytes + at, size, at, most, &code);
    for (size_t i = 0; i < count && length < TEXT_BYTES; i++)
        length += (size_t)snprintf(
            text + length, TEXT_BYTES - length, "%s%s%s%s", i ? "; " : "",
            code[i].mnemonic, code[i].op_str[0] ? " " : "", code[i].op_str);
    cs_free(code, count);
    cs_close(&engine);
}

static void print_string(const char *name, uint16_t at, const char *text)
{
    if (!at)
        field(name, "none");
    else if (!text)
        field(name, "at %04xh: not to be read", at);
    else
        field(name, "\"%s\", at %04xh", text, at);
}

static void print_entry(const char *name, const struct rom *rom, size_t at)
{
    char text[TEXT_BYTES];

    disassemble(rom, at, 8, 1, text);
    field(name, "%s", text[0] ? text : "no code");
}

static void print_header(const struct rom *rom)
{
    const struct vmi_header *h = rom->image.header;
    const uint8_t *bytes = rom->bytes.data;

    printf("\nHeader\n");
    field("signatures", "%02x %02x, \"%.4s\"", bytes[0], bytes[1], bytes + 8);
    field("length", "%u blocks of 512 bytes: %u", h->blocks,
          h->blocks * VMI_BLOCK_BYTES);
    field("checksum", "%s",
          !rom->image.length                     ? "not to be told"
          : rom->broken & 1u << PVI_ROM_CHECKSUM ? "not 0"
                                                 : "0, as it is to be");
    field("API version", "%u.%u", h->api_major, h->api_minor);
    field("03h, for a BIOS", "%02x %02x %02x %02x", h->stub[0], h->stub[1],
          h->stub[2], h->stub[3]);
    print_entry("80h, Init", rom, offsetof(struct vmi_header, init));
    print_entry("88h, GetRelocationInfo", rom,
                offsetof(struct vmi_header, get_relocation));
    field("jump slots", "%u", h->jump_slots);
    if (h->virtual_top)
        field("hole in address space", "from %08" PRIx32 "h to 4 GiB: %u MiB",
              h->virtual_top, -h->virtual_top >> 20);
    else
        field("hole in address space", "none");
    print_string("licence", h->licence, rom->image.licence);
}

static void print_pci(const struct rom *rom)
{
    const struct vmi_pci *p = rom->image.pci;

    printf("\nPCI structure");
    if (!p) {
        printf(": %s\n", rom->image.header->pci ? "not to be read" : "none");
        return;
    }
    printf(", at %04xh\n", rom->image.header->pci);
    field("vendor and device", "%04x:%04x%s", p->vendor, p->device,
          p->vendor == VMI_VENDOR && p->device == VMI_DEVICE ? ", VMware's VMI"
                                                             : "");
    field("ROM's own version", "%u.%u", p->rom_major, p->rom_minor);
    field("class", "%02x%02x%02x", p->class_code[2], p->class_code[1],
          p->class_code[0]);
    field("image", "%u blocks of 512 bytes, code type %u%s", p->blocks,
          p->code_type, p->indicator & 0x80 ? ", the last" : "");
    field("vital product data", p->vpd ? "at %04xh" : "none", p->vpd);
    field("structure", "revision %u, %u bytes", p->revision, p->bytes);
}

static void print_vector(const char *name, uint16_t at)
{
    field(name, at ? "at %04xh" : "none", at);
}

static void print_pnp(const struct rom *rom)
{
    const struct vmi_pnp *p = rom->image.pnp;

    printf("\nPnP header");
    if (!p) {
        printf(": %s\n", rom->image.header->pnp ? "not to be read" : "none");
        return;
    }
    printf(", at %04xh\n", rom->image.header->pnp);
    print_string("manufacturer", p->manufacturer, rom->image.manufacturer);
    print_string("product", p->product, rom->image.product);
    field("device", "%02x%02x%02x%02x, type %02x%02x%02x, indicators %02x",
          p->device_id[3], p->device_id[2], p->device_id[1], p->device_id[0],
          p->device_type[0], p->device_type[1], p->device_type[2],
          p->indicators);
    print_vector("boot connection", p->bcv);
    print_vector("disconnect", p->disconnect);
    print_vector("bootstrap entry", p->bev);
    print_vector("resources", p->resources);
    print_vector("next header", p->next);
    field("structure", "revision %u, %u bytes, checksum byte %02x", p->revision,
          p->length * 16u, p->checksum);
}

static void print_profile(const struct rom *rom)
{
    const struct vmi64_header *p = rom->image.vmi64;

    printf("\n64-bit profile\n");
    field("kind", "%s%s",
          p->flags & VMI64_WHOLE ? "whole: in the place of a backend"
                                 : "partial: single calls over a backend",
          p->flags & VMI64_XEN_PV ? ", for Xen PV" : "");
    field("flags", "%08" PRIx32, p->flags);
    print_string("platform", p->platform, rom->image.platform);
    field("state", "%" PRIu32 " bytes behind the image", p->state_bytes);
    if (p->cpu_bytes)
        field("each CPU's area", "%" PRIu32 " bytes at %%%cs:%" PRIx32 "h",
              p->cpu_bytes, p->cpu_segment >= ' ' ? p->cpu_segment : '?',
              p->cpu_offset);
    else
        field("each CPU's area", "none");
}

static void print_answer(const struct rom *rom, unsigned call)
{
    const struct rom_answer *a = &rom->answers[call];
    const char *name = rom_call_name(rom, call);
    const char *type = rom_type_name(rom, a->type);
    char code[TEXT_BYTES] = "", number[16], text[256];

    snprintf(number, sizeof(number), "type %u", a->type);
    if (a->type == VMI_RELOCATION_NOP)
        snprintf(text, sizeof(text), "nothing");
    else if (type && a->type == VMI64_RELOCATION_INLINE) {
        disassemble(rom, a->target + a->skip, a->length, 0, code);
        snprintf(text, sizeof(text), "%s (%" PRIx64 "h)",
                 a->length ? code : "nothing", a->target);
    } else
        snprintf(text, sizeof(text), "%" PRIx64 "h", a->target);
    printf("  %3u %-20s %-9s %.42s\n", call, name ? name : "?",
           type ? type : number, text);
}

/* "NONE: 4, 7 to 13": numbers that the API has. */
static void print_none(const struct rom *rom)
{
    int column = 0;

    for (unsigned i = 0; i < ROM_CALLS; i++) {
        unsigned last = i;
        char text[32];

        if (!rom_call_name(rom, i) ||
            rom->answers[i].type != VMI_RELOCATION_NONE)
            continue;
        while (last + 1 < ROM_CALLS && rom_call_name(rom, last + 1) &&
               rom->answers[last + 1].type == VMI_RELOCATION_NONE)
            last++;
        snprintf(text, sizeof(text), last > i ? "%u to %u" : "%u", i, last);
        if (!column)
            column = printf("  NONE, the kernel's own: %s", text);
        else if (column + strlen(text) + 3 > 78)
            column = printf(",\n    %s", text) - 2;
        else
            column += printf(", %s", text);
        i = last;
    }
    if (column)
        printf("\n");
}

static void print_calls(const struct rom *rom)
{
    printf("\nCalls, as Init leaves them; targets are offsets in the image\n");
    for (unsigned i = 0; i < ROM_CALLS; i++) {
        if (rom->answers[i].type != VMI_RELOCATION_NONE)
            print_answer(rom, i);
    }
    print_none(rom);
}

void rom_print(const struct rom *rom)
{
    char hash[65];

    printf("%s: %s, %zu bytes\n", rom->path,
           rom->major == VMI64_API_MAJOR ? "VMI's 64-bit profile"
                                         : "VMI 3.0 (i386)",
           rom->image.length ? rom->image.length : rom->bytes.size);
    rom_hash(rom, hash);
    printf("SHA-256 %s\n", hash);
    if (rom->image.header) {
        print_header(rom);
        print_pci(rom);
        print_pnp(rom);
        if (rom->image.vmi64)
            print_profile(rom);
    }
    if (rom->asked == ROM_ANSWERED)
        print_calls(rom);
    printf("\n");
    rom_print_check(rom);
}
