/* SPDX-License-Identifier: MIT */
/*
 * The records of an ELF, the ops that they lead to, and the ELF's backends.
 */
#include "sites/sites.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"
#include "sites/forms.h"

/* Classes as tools print them. */
#define CLASS_QUICK "quick"
#define CLASS_HOT   "hot"
#define CLASS_ASM   "asm"
#define CLASS_TAIL  "tail"
#define CLASS_COLD  "cold"

static const struct sites_op all_ops[] = {
#define PVOPS_OP(op_chapter, op_name, op_class)                                \
    {                                                                          \
        .chapter = #op_chapter,                                                \
        .name = #op_name,                                                      \
        .class = CLASS_##op_class,                                             \
        .recorded = #op_class[0] != 'C',                                       \
    },
#include "ops.def"
#undef PVOPS_OP
};
enum { OPS = sizeof(all_ops) / sizeof(all_ops[0]) };

static void *must(void *memory)
{
    if (!memory)
        err(VERDICT_ERROR, "out of memory");
    return memory;
}

/* Where records begin and end: by symbol, else by the section's name. */
static bool find_records(const struct sites_elf *elf, uint64_t *out_start,
                         uint64_t *out_stop, char *why)
{
    const struct sites_symbol *start =
        sites_elf_symbol(elf, "__start_pvops_sites");
    const struct sites_symbol *stop =
        sites_elf_symbol(elf, "__stop_pvops_sites");

    if (start && stop) {
        *out_start = start->value;
        *out_stop = stop->value;
        return true;
    }
    for (uint64_t i = 0; i < elf->view.section_count; i++) {
        Elf64_Shdr section = elf_view_section(&elf->view, i);
        const struct image_bytes *names = &elf->view.section_names;

        if (elf_string_is(names, section.sh_name, "pvops_sites") ||
            elf_string_is(names, section.sh_name, ".pvops_sites")) {
            *out_start = section.sh_addr;
            *out_stop = section.sh_addr + section.sh_size;
            return true;
        }
    }
    return image_refuse(why, "no call sites are recorded: neither section "
                             "pvops_sites nor symbol __start_pvops_sites "
                             "(PVOPS_FULL=0, or no libpvops?)");
}

static bool find_ops(struct sites *sites, struct sites_op ops[OPS], char *why)
{
    unsigned bytes = sites->elf.view.is64 ? 8 : 4;
    const struct sites_symbol *table = NULL;
    unsigned index = 0;

    if (!sites->elf.symbol_count)
        return image_refuse(why, "ELF is stripped: which op a call site is "
                                 "for stands in its symbol table");
    for (unsigned i = 0; i < OPS; i++) {
        char name[64];
        const struct sites_symbol *native;

        ops[i] = all_ops[i];
        if (i == 0 || strcmp(ops[i].chapter, ops[i - 1].chapter) != 0) {
            snprintf(name, sizeof(name), "pvops_%s_table", ops[i].chapter);
            table = sites_elf_symbol(&sites->elf, name);
            if (!table)
                return image_refuse(why, "ELF has no symbol '%s'", name);
            index = 0;
        }
        ops[i].slot = table->value + (uint64_t)bytes * index++;
        snprintf(name, sizeof(name), "pvi_native_%s_%s", ops[i].chapter,
                 ops[i].name);
        native = sites_elf_symbol(&sites->elf, name);
        ops[i].native = native ? native->value : 0;
        if (!native && ops[i].recorded)
            return image_refuse(why, "ELF has no symbol '%s'", name);
    }
    return true;
}

static int op_of(const struct sites *sites, const uint8_t *bytes,
                 uint64_t address)
{
    uint64_t slot;
    enum pvi_site_kind kind =
        pvi_site_read(bytes, address, sites->elf.view.is64 ? 64 : 32, &slot);

    for (unsigned i = 0; i < sites->op_count; i++) {
        const struct sites_op *op = &sites->ops[i];
        bool tail = !strcmp(op->class, CLASS_TAIL);

        if (op->recorded && op->slot == slot &&
            kind == (tail ? PVI_SITE_TABLE_JUMP : PVI_SITE_TABLE_CALL))
            return (int)i;
    }
    return -1;
}

static bool read_sites(struct sites *sites, struct sites_op *ops,
                       uint64_t start, uint64_t stop, char *why)
{
    uint64_t bytes = stop - start;
    const uint8_t *records;

    if (stop < start || bytes % 4)
        return image_refuse(why,
                            "records of call sites are cut off: %" PRIu64
                            " bytes from %#" PRIx64 " on, and one has 4",
                            bytes, start);
    records = bytes ? sites_elf_at(&sites->elf, start, bytes) : NULL;
    if (bytes && !records)
        return image_refuse(why,
                            "records of call sites (%" PRIu64
                            " bytes from %#" PRIx64
                            " on) are in no loaded segment of the file",
                            bytes, start);
    sites->site_count = bytes / 4;
    sites->list = must(calloc(sites->site_count + 1, sizeof(sites->list[0])));
    for (size_t i = 0; i < sites->site_count; i++) {
        struct sites_site *site = &sites->list[i];
        const uint8_t *at;

        site->address = start + 4 * i +
                        (uint64_t)(int64_t)(int32_t)image_u32(records + 4 * i);
        if (!sites->elf.view.is64)
            site->address = (uint32_t)site->address;
        at = sites_elf_at(&sites->elf, site->address, PVI_SITE_BYTES);
        site->op = -1;
        if (at) {
            memcpy(site->bytes, at, PVI_SITE_BYTES);
            site->op = op_of(sites, at, site->address);
        }
        if (site->op >= 0)
            ops[site->op].count++;
        else
            sites->problems++;
    }
    return true;
}

bool sites_open(const struct image_bytes *bytes, struct sites *out_sites,
                char why[IMAGE_WHY_BYTES])
{
    struct sites_op *ops = must(calloc(OPS, sizeof(ops[0])));
    uint64_t start = 0, stop = 0;

    memset(out_sites, 0, sizeof(*out_sites));
    if (!sites_elf_open(bytes, &out_sites->elf, why)) {
        free(ops);
        return false;
    }
    out_sites->ops = ops;
    out_sites->op_count = OPS;
    if (!find_records(&out_sites->elf, &start, &stop, why) ||
        !find_ops(out_sites, ops, why) ||
        !read_sites(out_sites, ops, start, stop, why) ||
        !sites_find_forms(out_sites, why)) {
        sites_close(out_sites);
        return false;
    }
    return true;
}

void sites_close(struct sites *sites)
{
    sites_elf_close(&sites->elf);
    free((void *)(uintptr_t)sites->ops);
    free(sites->list);
    free(sites->forms);
    free(sites->backends);
    memset(sites, 0, sizeof(*sites));
}
