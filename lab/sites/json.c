/* SPDX-License-Identifier: MIT */
/*
 * Call sites as JSON, for other programs.
 */
#include "sites/sites.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/sha256.h"
#include "base/verdict.h"
#include "report/text.h"

static json_t *must(json_t *value)
{
    if (!value)
        err(VERDICT_ERROR, "out of memory");
    return value;
}

static json_t *text_json(const char *text)
{
    char *clean = text_clean(text, TEXT_UTF8, 0);
    json_t *value = must(json_string(clean));

    free(clean);
    return value;
}

static json_t *hex_json(uint64_t number)
{
    return must(json_sprintf("%#" PRIx64, number));
}

static void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value))
        err(VERDICT_ERROR, "out of memory");
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        err(VERDICT_ERROR, "out of memory");
}

/* "bytes" and "text". */
static void put_code(json_t *object, const struct sites *sites,
                     const uint8_t bytes[PVI_SITE_BYTES], uint64_t address)
{
    char hex[2 * PVI_SITE_BYTES + 1], text[SITES_TEXT_BYTES];

    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    put(object, "bytes", text_json(hex));
    put(object, "text",
        text_json(sites_disassemble(sites, bytes, address, text)));
}

static json_t *backends_json(const char *names)
{
    json_t *array = must(json_array());

    while (*names) {
        size_t length = 0;

        while (names[length] && names[length] != ' ')
            length++;
        append(array, must(json_stringn(names, length)));
        names += length + (names[length] == ' ');
    }
    return array;
}

static json_t *form_json(const struct sites *sites,
                         const struct sites_form *form,
                         const struct sites_site *site)
{
    json_t *object = must(json_object());
    uint8_t bytes[PVI_SITE_BYTES];
    bool reached =
        !form->at_boot && sites_make(sites, form, site->address, bytes);
    const char *kind = form->at_boot      ? "rom"
                       : !reached         ? "table"
                       : form->is_nothing ? "nothing"
                       : form->is_inline  ? "inline"
                                          : "direct";

    put(object, "backends", backends_json(form->backends));
    put(object, "when", form->when[0] ? text_json(form->when) : json_null());
    put(object, "form", text_json(kind));
    put(object, "function", hex_json(form->function));
    put_code(object, sites, reached ? bytes : site->bytes, site->address);
    return object;
}

static json_t *site_json(const struct sites *sites,
                         const struct sites_site *site)
{
    const struct sites_symbol *near =
        sites_elf_nearest(&sites->elf, site->address);
    json_t *object = must(json_object()), *now = must(json_object());
    json_t *sealed = must(json_array());

    put(object, "address", hex_json(site->address));
    put(object, "symbol", near ? text_json(near->name) : json_null());
    put(object, "offset",
        near ? hex_json(site->address - near->value) : json_null());
    put_code(now, sites, site->bytes, site->address);
    put(object, "now", now);
    if (site->op < 0) {
        put(object, "op", json_null());
        put(object, "class", json_null());
    } else {
        const struct sites_op *op = &sites->ops[site->op];

        put(object, "op", must(json_sprintf("%s.%s", op->chapter, op->name)));
        put(object, "class", text_json(op->class));
    }
    for (unsigned i = 0; i < sites->form_count; i++) {
        if ((int)sites->forms[i].op == site->op)
            append(sealed, form_json(sites, &sites->forms[i], site));
    }
    put(object, "sealed", sealed);
    return object;
}

void sites_print_json(const struct sites *sites, const char *path)
{
    json_t *root = must(json_object()), *kernel = must(json_object());
    json_t *list = must(json_array()), *ops = must(json_array());
    json_t *backends = must(json_array());
    char sha256[65];

    sha256_file(path, sha256);
    put(kernel, "path", text_json(path));
    put(kernel, "sha256", text_json(sha256));
    put(root, "kernel", kernel);
    put(root, "bits", must(json_integer(sites->elf.view.is64 ? 64 : 32)));
    for (unsigned i = 0; i < sites->backend_count; i++)
        append(backends, text_json(sites->backends[i]));
    put(root, "backends", backends);
    for (unsigned i = 0; i < sites->op_count; i++) {
        const struct sites_op *op = &sites->ops[i];

        if (op->recorded)
            append(ops, must(json_pack(
                            "{s:o,s:s,s:i}", "op",
                            json_sprintf("%s.%s", op->chapter, op->name),
                            "class", op->class, "sites", (int)op->count)));
    }
    put(root, "ops", ops);
    for (size_t i = 0; i < sites->site_count; i++)
        append(list, site_json(sites, &sites->list[i]));
    put(root, "sites", list);
    put(root, "problems", must(json_integer(sites->problems)));
    if (json_dumpf(root, stdout, JSON_INDENT(2)))
        err(VERDICT_ERROR, "stdout");
    putchar('\n');
    json_decref(root);
}
