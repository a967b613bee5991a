/* SPDX-License-Identifier: MIT */
/*
 * A ROM as JSON, for other programs.
 */
#include "rom/rom.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/verdict.h"
#include "report/text.h"

static json_t *must(json_t *value)
{
    if (!value)
        err(VERDICT_ERROR, "out of memory");
    return value;
}

static void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, must(value)))
        err(VERDICT_ERROR, "out of memory");
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, must(value)))
        err(VERDICT_ERROR, "out of memory");
}

/* null for NULL. */
static json_t *text_json(const char *text)
{
    char *clean = text ? text_clean(text, TEXT_UTF8, 0) : NULL;
    json_t *value = clean ? json_string(clean) : json_null();

    free(clean);
    return must(value);
}

static void put_number(json_t *object, const char *name, uint64_t number)
{
    put(object, name, json_integer((json_int_t)number));
}

static json_t *header_json(const struct rom *rom)
{
    const struct vmi_header *h = rom->image.header;
    json_t *object = must(json_object());

    put_number(object, "blocks", h->blocks);
    put_number(object, "api_major", h->api_major);
    put_number(object, "api_minor", h->api_minor);
    put_number(object, "jump_slots", h->jump_slots);
    put_number(object, "virtual_top", h->virtual_top);
    put(object, "licence", text_json(rom->image.licence));
    return object;
}

static json_t *pci_json(const struct vmi_pci *p)
{
    json_t *object = must(json_object());

    put_number(object, "vendor", p->vendor);
    put_number(object, "device", p->device);
    put_number(object, "rom_major", p->rom_major);
    put_number(object, "rom_minor", p->rom_minor);
    put_number(object, "blocks", p->blocks);
    put_number(object, "code_type", p->code_type);
    put(object, "last", json_boolean(p->indicator & 0x80));
    return object;
}

static json_t *pnp_json(const struct rom *rom)
{
    const struct vmi_pnp *p = rom->image.pnp;
    json_t *object = must(json_object());

    put(object, "manufacturer", text_json(rom->image.manufacturer));
    put(object, "product", text_json(rom->image.product));
    put_number(object, "boot_connection", p->bcv);
    put_number(object, "disconnect", p->disconnect);
    put_number(object, "bootstrap_entry", p->bev);
    return object;
}

static json_t *profile_json(const struct rom *rom)
{
    const struct vmi64_header *p = rom->image.vmi64;
    char segment[2] = { (char)p->cpu_segment, '\0' };
    json_t *object = must(json_object());

    put(object, "whole", json_boolean(p->flags & VMI64_WHOLE));
    put(object, "xen_pv", json_boolean(p->flags & VMI64_XEN_PV));
    put(object, "platform", text_json(rom->image.platform));
    put_number(object, "state_bytes", p->state_bytes);
    put_number(object, "cpu_bytes", p->cpu_bytes);
    put_number(object, "cpu_offset", p->cpu_offset);
    put(object, "cpu_segment", text_json(segment[0] ? segment : NULL));
    return object;
}

/* Every call that the API has, and every other that was answered for. */
static json_t *calls_json(const struct rom *rom)
{
    json_t *array = must(json_array());

    for (unsigned i = 0; i < ROM_CALLS; i++) {
        const struct rom_answer *a = &rom->answers[i];
        json_t *object;

        if (!rom_call_name(rom, i) && a->type == VMI_RELOCATION_NONE)
            continue;
        object = must(json_object());
        put_number(object, "number", i);
        put(object, "name", text_json(rom_call_name(rom, i)));
        put_number(object, "type_number", a->type);
        put(object, "type", text_json(rom_type_name(rom, a->type)));
        if (a->type != VMI_RELOCATION_NONE)
            put_number(object, "target", a->target);
        if (rom->major == VMI64_API_MAJOR &&
            a->type == VMI64_RELOCATION_INLINE) {
            put_number(object, "skip", a->skip);
            put_number(object, "length", a->length);
            put_number(object, "pad", a->pad);
        }
        append(array, object);
    }
    return array;
}

void rom_print_json(const struct rom *rom)
{
    json_t *object = must(json_object());
    json_t *broken = must(json_array()), *notes = must(json_array());
    const struct pvi_rom_image *image = &rom->image;
    char hash[65];
    const char *note;

    rom_hash(rom, hash);
    put(object, "path", text_json(rom->path));
    put(object, "bytes",
        json_integer(
            (json_int_t)(image->length ? image->length : rom->bytes.size)));
    put(object, "sha256", text_json(hash));
    put(object, "header", image->header ? header_json(rom) : json_null());
    put(object, "pci", image->pci ? pci_json(image->pci) : json_null());
    put(object, "pnp", image->pnp ? pnp_json(rom) : json_null());
    put(object, "profile", image->vmi64 ? profile_json(rom) : json_null());
    put(object, "init",
        rom->asked == ROM_NOT_ASKED ? json_null()
                                    : json_integer(rom->init_status));
    put(object, "calls",
        rom->asked == ROM_ANSWERED ? calls_json(rom) : json_null());
    for (unsigned i = 0; i < PVI_ROM_RULES; i++) {
        if (rom->broken >> i & 1)
            append(broken, text_json(pvi_rom_rule_text((enum pvi_rom_rule)i)));
    }
    for (size_t i = 0; i < rom->problem_count; i++)
        append(broken, text_json(rom->problems[i]));
    for (unsigned i = 0; (note = rom_note(rom, i)); i++)
        append(notes, text_json(note));
    if (rom->asked != ROM_ANSWERED && rom->why[0])
        append(notes, text_json(rom->why));
    put(object, "broken", broken);
    put(object, "notes", notes);
    if (json_dumpf(object, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    json_decref(object);
}
