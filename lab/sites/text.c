/* SPDX-License-Identifier: MIT */
/*
 * Call sites as text: the report of pvlab sites, at 80 columns.
 */
#include "sites/sites.h"

#include <capstone/capstone.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/verdict.h"

/* "function", "function+0x12", or the address. */
static void place_text(const struct sites *sites, uint64_t address, char *text,
                       size_t size)
{
    const struct sites_symbol *near = sites_elf_nearest(&sites->elf, address);

    if (!near)
        snprintf(text, size, "%#" PRIx64, address);
    else if (near->value == address)
        snprintf(text, size, "%.40s", near->name);
    else
        snprintf(text, size, "%.40s+%#" PRIx64, near->name,
                 address - near->value);
}

/* Those whose operand is a place have it by its name. */
static bool branch_text(const struct sites *sites,
                        const uint8_t bytes[PVI_SITE_BYTES], uint64_t address,
                        char text[SITES_TEXT_BYTES])
{
    static const char *const words[] = {
        [PVI_SITE_TABLE_CALL] = "call *",
        [PVI_SITE_TABLE_JUMP] = "jmp *",
        [PVI_SITE_CALL] = "call ",
        [PVI_SITE_JUMP] = "jmp ",
    };
    char place[80];
    uint64_t to;
    enum pvi_site_kind kind =
        pvi_site_read(bytes, address, sites->elf.view.is64 ? 64 : 32, &to);

    if (kind == PVI_SITE_OTHER)
        return false;
    place_text(sites, to, place, sizeof(place));
    snprintf(text, SITES_TEXT_BYTES, "%s%s", words[kind], place);
    return true;
}

char *sites_disassemble(const struct sites *sites,
                        const uint8_t bytes[PVI_SITE_BYTES], uint64_t address,
                        char text[SITES_TEXT_BYTES])
{
    size_t used = 0, length = 0, count;
    cs_insn *code;
    csh engine;

    if (branch_text(sites, bytes, address, text))
        return text;
    if (cs_open(CS_ARCH_X86, sites->elf.view.is64 ? CS_MODE_64 : CS_MODE_32,
                &engine) != CS_ERR_OK)
        errx(VERDICT_ERROR, "capstone cannot disassemble x86");
    cs_option(engine, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    count = cs_disasm(engine, bytes, PVI_SITE_BYTES, address, 0, &code);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        length += (size_t)snprintf(
            text + length, SITES_TEXT_BYTES - length, "%s%s%s%s", i ? "; " : "",
            code[i].mnemonic, code[i].op_str[0] ? " " : "", code[i].op_str);
        used += code[i].size;
        if (length >= SITES_TEXT_BYTES)
            length = SITES_TEXT_BYTES - 1;
    }
    cs_free(code, count);
    cs_close(&engine);
    if (used != PVI_SITE_BYTES)
        snprintf(text, SITES_TEXT_BYTES, "(not x86 code)");
    return text;
}

static void print_bytes(const char *label, const uint8_t bytes[PVI_SITE_BYTES],
                        const char *text)
{
    int column = printf("  %.78s", label);

    if (column > 18)
        column = printf("\n") - 1;
    printf("%*s", 19 - column, "");
    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        printf("%02x ", bytes[i]);
    printf(" %.41s\n", text);
}

/* Under which backends, and on what it depends. */
static void label_of(const struct sites *sites, const struct sites_form *form,
                     char *text, size_t size)
{
    unsigned count = 1;

    for (const char *at = form->backends; *at; at++)
        count += *at == ' ';
    snprintf(text, size, "%s%s%s",
             count == sites->backend_count ? "every backend" : form->backends,
             form->when[0] ? ", " : "", form->when);
}

static void print_form(const struct sites *sites, const struct sites_form *form,
                       const struct sites_site *site)
{
    uint8_t bytes[PVI_SITE_BYTES];
    char text[SITES_TEXT_BYTES], label[256];

    label_of(sites, form, label, sizeof(label));
    if (form->at_boot)
        print_bytes(label, site->bytes, "what the ROM says");
    else if (sites_make(sites, form, site->address, bytes))
        print_bytes(label, bytes,
                    sites_disassemble(sites, bytes, site->address, text));
    else
        print_bytes(label, site->bytes, "stays: out of reach");
}

static void print_site(const struct sites *sites, size_t index)
{
    const struct sites_site *site = &sites->list[index];
    char text[SITES_TEXT_BYTES], place[80];

    place_text(sites, site->address, place, sizeof(place));
    if (site->op < 0) {
        printf("\n%#" PRIx64 " %s: record %zu leads here, and this is no call "
               "site\n",
               site->address, place, index);
        print_bytes("now", site->bytes,
                    sites_disassemble(sites, site->bytes, site->address, text));
        return;
    }
    printf("\n%#" PRIx64 " %s: %s.%s, %s\n", site->address, place,
           sites->ops[site->op].chapter, sites->ops[site->op].name,
           sites->ops[site->op].class);
    print_bytes("now", site->bytes,
                sites_disassemble(sites, site->bytes, site->address, text));
    for (unsigned i = 0; i < sites->form_count; i++) {
        if (sites->forms[i].op == (unsigned)site->op)
            print_form(sites, &sites->forms[i], site);
    }
}

/* The same for every site of an op: in the summary without an address. */
static void form_text(const struct sites *sites, const struct sites_form *form,
                      char text[SITES_TEXT_BYTES])
{
    char place[80];

    if (form->at_boot) {
        strcpy(text, "what the ROM says");
    } else if (form->is_nothing) {
        strcpy(text, "nothing");
    } else if (form->is_inline) {
        sites_disassemble(sites, form->bytes, 0, text);
    } else {
        place_text(sites, form->function, place, sizeof(place));
        snprintf(text, SITES_TEXT_BYTES, "%s %s",
                 strcmp(sites->ops[form->op].class, "tail") ? "call" : "jmp",
                 place);
    }
}

static void print_summary(const struct sites *sites)
{
    printf("\n%-18s%-7s%7s  %s\n", "OP", "CLASS", "SITES", "SEALED TO");
    for (unsigned op = 0; op < sites->op_count; op++) {
        char name[64];
        bool first = true;

        if (!sites->ops[op].count)
            continue;
        snprintf(name, sizeof(name), "%s.%s", sites->ops[op].chapter,
                 sites->ops[op].name);
        printf("%-18s%-7s%7u", name, sites->ops[op].class,
               sites->ops[op].count);
        for (unsigned i = 0; i < sites->form_count; i++) {
            const struct sites_form *form = &sites->forms[i];
            char text[SITES_TEXT_BYTES], label[256];

            if (form->op != op)
                continue;
            form_text(sites, form, text);
            label_of(sites, form, label, sizeof(label));
            printf("%*s%.46s\n%36s%.44s\n", first ? 2 : 34, "", text, "",
                   label);
            first = false;
        }
    }
    printf("%-18s%-7s%7zu\n", "all", "", sites->site_count);
}

void sites_print(const struct sites *sites, const char *path)
{
    printf("%s: %d bits, %zu call sites\n", path,
           sites->elf.view.is64 ? 64 : 32, sites->site_count);
    for (size_t i = 0; i < sites->site_count; i++)
        print_site(sites, i);
    print_summary(sites);
    if (sites->problems)
        printf("\n%u records lead to no call site: pvops_seal() refuses this "
               "image.\n",
               sites->problems);
}
