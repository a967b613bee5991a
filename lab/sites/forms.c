/* SPDX-License-Identifier: MIT */
/*
 * What sealing makes of an op under each backend.
 *
 * A backend is a symbol pvi_backend_NAME. Its ops are those of pvi_ops_NAME
 * (struct pvi_op: slot, function, when) over the native ones; its bodies are
 * pvi_bodies_native and pvi_bodies_NAME (struct pvi_body).
 */
#include "sites/forms.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"

/* More than any image has: a table without an end is damage. */
enum { MOST_ENTRIES = 256, MOST_BACKENDS = 16, WHEN_BYTES = 64 };

static const struct sites_symbol *
symbol_of(const struct sites *sites, const char *kind, const char *backend)
{
    char name[128];

    snprintf(name, sizeof(name), "pvi_%s_%s", kind, backend);
    return sites_elf_symbol(&sites->elf, name);
}

static int native_first(const void *a, const void *b)
{
    const char *x = a, *y = b;
    bool x_native = !strcmp(x, "native"), y_native = !strcmp(y, "native");

    if (x_native != y_native)
        return x_native ? -1 : 1;
    return strcmp(x, y);
}

static bool find_backends(struct sites *sites, char *why)
{
    static const char prefix[] = "pvi_backend_";

    sites->backends = calloc(MOST_BACKENDS, sizeof(sites->backends[0]));
    if (!sites->backends)
        err(VERDICT_ERROR, "out of memory");
    for (size_t i = 0; i < sites->elf.symbol_count; i++) {
        const char *name = sites->elf.symbols[i].name;

        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        name += strlen(prefix);
        if (!*name || strlen(name) >= SITES_NAME_BYTES ||
            sites->backend_count == MOST_BACKENDS)
            return image_refuse(why,
                                "symbol 'pvi_backend_%.40s': a backend too "
                                "many, or its name is too long",
                                name);
        strcpy(sites->backends[sites->backend_count++], name);
    }
    if (!sites->backend_count)
        return image_refuse(why, "ELF has no backend: no symbol "
                                 "'pvi_backend_...'");
    qsort(sites->backends, sites->backend_count, sizeof(sites->backends[0]),
          native_first);
    return true;
}

/* An inline form from the bodies of 'owner', if 'function' has one there. */
static bool find_body(const struct sites *sites, const char *owner,
                      struct sites_form *form, char *why)
{
    const struct sites_symbol *table = symbol_of(sites, "bodies", owner);

    for (unsigned i = 0; table; i++) {
        uint64_t address = table->value + sizeof(struct pvi_body) * i;
        const uint8_t *at =
            sites_elf_at(&sites->elf, address, sizeof(struct pvi_body));
        const uint8_t *code;
        struct pvi_body body;

        if (!at || i == MOST_ENTRIES)
            return image_refuse(why, "table pvi_bodies_%s has no end", owner);
        memcpy(&body, at, sizeof(body));
        if (body.kind == PVI_BODY_END)
            break;
        if (address + (uint64_t)(int64_t)body.function != form->function)
            continue;
        code =
            sites_elf_at(&sites->elf, form->function + body.skip, body.length);
        if (!code)
            return image_refuse(why,
                                "table pvi_bodies_%s: entry %u is in no "
                                "segment of the file",
                                owner, i);
        form->is_inline = pvi_site_inline(form->bytes, &body, code,
                                          sites->elf.view.is64 ? 64 : 32);
        form->is_nothing = body.length == 0;
        break;
    }
    return true;
}

/* One more form, or one more backend of a form that is there. */
static void keep_form(struct sites *sites, const char *backend,
                      struct sites_form form)
{
    for (unsigned i = 0; i < sites->form_count; i++) {
        struct sites_form *other = &sites->forms[i];
        size_t length = strlen(other->backends);

        if (other->op == form.op && other->function == form.function &&
            other->is_inline == form.is_inline &&
            other->at_boot == form.at_boot && !strcmp(other->when, form.when) &&
            !memcmp(other->bytes, form.bytes, PVI_SITE_BYTES)) {
            snprintf(other->backends + length, sizeof(other->backends) - length,
                     " %s", backend);
            return;
        }
    }
    snprintf(form.backends, sizeof(form.backends), "%s", backend);
    sites->forms =
        reallocarray(sites->forms, sites->form_count + 1, sizeof(form));
    if (!sites->forms)
        err(VERDICT_ERROR, "out of memory");
    sites->forms[sites->form_count++] = form;
}

static bool add_form(struct sites *sites, const char *backend, unsigned op,
                     uint64_t function, const char *when, char *why)
{
    struct sites_form form = { .op = op, .function = function };

    snprintf(form.when, sizeof(form.when), "%s", when ? when : "");
    if (!find_body(sites, "native", &form, why) ||
        (!form.is_inline && strcmp(backend, "native") != 0 &&
         !find_body(sites, backend, &form, why)))
        return false;
    keep_form(sites, backend, form);
    return true;
}

struct entry {
    uint64_t slot, function;
    const char *when;
};

/* Entry 'index' of a table of struct pvi_op; slot 0 ends it. */
static bool read_entry(const struct sites *sites,
                       const struct sites_symbol *table, unsigned index,
                       struct entry *out_entry, char *why)
{
    unsigned bytes = sites->elf.view.is64 ? 8 : 4;
    uint64_t at = table->value + 3 * (uint64_t)bytes * index;
    uint64_t when;

    if (index == MOST_ENTRIES ||
        !sites_elf_pointer(&sites->elf, at, &out_entry->slot) ||
        !sites_elf_pointer(&sites->elf, at + bytes, &out_entry->function) ||
        !sites_elf_pointer(&sites->elf, at + 2 * bytes, &when))
        return image_refuse(why, "table %.60s has no end", table->name);
    out_entry->when =
        when ? sites_elf_text(&sites->elf, when, WHEN_BYTES) : NULL;
    if (when && !out_entry->when)
        return image_refuse(why, "table %.60s: entry %u has no text",
                            table->name, index);
    return true;
}

/* A form for each entry of 'table' for this op; '*found' counts them. */
static bool add_entries(struct sites *sites, const char *backend, unsigned op,
                        const struct sites_symbol *table, unsigned *found,
                        char *why)
{
    struct entry entry;

    for (unsigned i = 0; table; i++) {
        if (!read_entry(sites, table, i, &entry, why))
            return false;
        if (!entry.slot)
            break;
        if (entry.slot != sites->ops[op].slot)
            continue;
        if (!add_form(sites, backend, op, entry.function, entry.when, why))
            return false;
        ++*found;
    }
    return true;
}

/*
 * A backend's own entries are all that there is, and if the file has no bytes
 * of them they come at boot; else those of a debug build; else the op is
 * native.
 */
static bool add_forms(struct sites *sites, const char *backend, unsigned op,
                      char *why)
{
    const struct sites_symbol *own = symbol_of(sites, "ops", backend);
    const struct sites_symbol *debug = symbol_of(sites, "ops", "debug");
    const struct sites_symbol *every = symbol_of(sites, "ops", "every");
    unsigned found = 0;

    if (own && !sites_elf_at(&sites->elf, own->value, 1)) {
        keep_form(sites, backend,
                  (struct sites_form){ .op = op, .at_boot = true });
        return true;
    }
    if (!add_entries(sites, backend, op, own, &found, why) ||
        (!found && !add_entries(sites, backend, op, debug, &found, why)))
        return false;
    return found > 0 ||
           (add_form(sites, backend, op, sites->ops[op].native, NULL, why) &&
            add_entries(sites, backend, op, every, &found, why));
}

bool sites_find_forms(struct sites *sites, char why[IMAGE_WHY_BYTES])
{
    if (!find_backends(sites, why))
        return false;
    for (unsigned op = 0; op < sites->op_count; op++) {
        for (unsigned b = 0; b < sites->backend_count; b++) {
            if (sites->ops[op].recorded &&
                !add_forms(sites, sites->backends[b], op, why))
                return false;
        }
    }
    return true;
}

bool sites_make(const struct sites *sites, const struct sites_form *form,
                uint64_t address, uint8_t out_bytes[PVI_SITE_BYTES])
{
    if (form->is_inline) {
        memcpy(out_bytes, form->bytes, PVI_SITE_BYTES);
        return true;
    }
    return pvi_site_direct(out_bytes, address, sites->elf.view.is64 ? 64 : 32,
                           form->function,
                           !strcmp(sites->ops[form->op].class, "tail"));
}
