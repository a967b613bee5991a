/* SPDX-License-Identifier: MIT */
/*
 * An ELF's memory and symbols, for the call sites in it.
 *
 * Sources: gABI, chapters 4 and 5; the x86-64 psABI, "Relocation" (RELATIVE:
 *          the addend is the address). i386 has the address in place.
 */
#include "sites/elf.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"

/* Room for one more; doubles. */
static void *grown(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    array = reallocarray(array, count ? count * 2 : 1, size);
    if (!array)
        err(VERDICT_ERROR, "out of memory");
    return array;
}

static void add_symbol(void *context, const struct image_bytes *strings,
                       const Elf64_Sym *symbol)
{
    struct sites_elf *elf = context;
    const char *name = (const char *)strings->data + symbol->st_name;

    if (symbol->st_name >= strings->size || !*name ||
        !memchr(name, '\0', strings->size - symbol->st_name))
        return;
    elf->symbols =
        grown(elf->symbols, elf->symbol_count, sizeof(elf->symbols[0]));
    elf->symbols[elf->symbol_count++] = (struct sites_symbol){
        .value = symbol->st_value,
        .size = symbol->st_size,
        .name = name,
    };
}

/* Of several at one address, that with a size comes last, and is found. */
static int by_value(const void *a, const void *b)
{
    const struct sites_symbol *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return strcmp(y->name, x->name);
}

static int by_offset(const void *a, const void *b)
{
    const Elf64_Rela *x = a, *y = b;

    return (x->r_offset > y->r_offset) - (x->r_offset < y->r_offset);
}

static void read_relatives(struct sites_elf *elf)
{
    uint64_t total = 0;

    for (uint64_t i = 0; i < elf->view.section_count; i++) {
        Elf64_Shdr section = elf_view_section(&elf->view, i);
        struct image_bytes content;

        if (!elf->view.is64 || section.sh_type != SHT_RELA ||
            section.sh_entsize != sizeof(Elf64_Rela))
            continue;
        content = elf_view_content(&elf->view, &section);
        total += content.size;
        /* Tables that overlap: no linker makes them. */
        if (total > elf->view.bytes.size)
            return;
        for (size_t at = 0; image_has(&content, at, sizeof(Elf64_Rela));
             at += sizeof(Elf64_Rela)) {
            Elf64_Rela rela;

            memcpy(&rela, content.data + at, sizeof(rela));
            if (ELF64_R_TYPE(rela.r_info) != R_X86_64_RELATIVE)
                continue;
            elf->relatives = grown(elf->relatives, elf->relative_count,
                                   sizeof(elf->relatives[0]));
            elf->relatives[elf->relative_count++] = rela;
        }
    }
    if (elf->relative_count)
        qsort(elf->relatives, elf->relative_count, sizeof(elf->relatives[0]),
              by_offset);
}

bool sites_elf_open(const struct image_bytes *bytes, struct sites_elf *out_elf,
                    char why[IMAGE_WHY_BYTES])
{
    uint64_t symbol_bytes = 0;

    memset(out_elf, 0, sizeof(*out_elf));
    if (!image_has_magic(bytes, 0, "\177ELF", 4))
        return image_refuse(why, "no ELF: call sites are read from the ELF "
                                 "that a kernel is linked to");
    if (!elf_view_open(bytes, &out_elf->view, why))
        return false;
    if (out_elf->view.type == ET_REL)
        return image_refuse(why, "ELF is a relocatable object: its call sites "
                                 "are not linked to the tables yet");
    if (!elf_each_symbol(&out_elf->view, SHT_SYMTAB, add_symbol, out_elf,
                         &symbol_bytes, why)) {
        sites_elf_close(out_elf);
        return false;
    }
    if (out_elf->symbol_count)
        qsort(out_elf->symbols, out_elf->symbol_count,
              sizeof(out_elf->symbols[0]), by_value);
    read_relatives(out_elf);
    return true;
}

void sites_elf_close(struct sites_elf *elf)
{
    free(elf->symbols);
    free(elf->relatives);
    memset(elf, 0, sizeof(*elf));
}

const uint8_t *sites_elf_at(const struct sites_elf *elf, uint64_t address,
                            uint64_t size)
{
    for (unsigned i = 0; i < elf->view.segment_count; i++) {
        Elf64_Phdr segment = elf_view_segment(&elf->view, i);
        uint64_t offset = address - segment.p_vaddr;

        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            offset <= segment.p_filesz && size <= segment.p_filesz - offset &&
            image_has(&elf->view.bytes, segment.p_offset, segment.p_filesz))
            return elf->view.bytes.data + segment.p_offset + offset;
    }
    return NULL;
}

const char *sites_elf_text(const struct sites_elf *elf, uint64_t address,
                           size_t most)
{
    for (size_t length = 0; length < most; length++) {
        const uint8_t *at = sites_elf_at(elf, address, length + 1);

        if (!at)
            return NULL;
        if (!at[length])
            return (const char *)at;
        if (at[length] < ' ' || at[length] > '~')
            return NULL;
    }
    return NULL;
}

bool sites_elf_pointer(const struct sites_elf *elf, uint64_t address,
                       uint64_t *out_value)
{
    const uint8_t *at = sites_elf_at(elf, address, elf->view.is64 ? 8 : 4);
    const Elf64_Rela key = { .r_offset = address };
    const Elf64_Rela *rela = NULL;

    if (!at)
        return false;
    *out_value = elf->view.is64 ? image_u64(at) : image_u32(at);
    if (elf->relative_count)
        rela = bsearch(&key, elf->relatives, elf->relative_count,
                       sizeof(elf->relatives[0]), by_offset);
    if (rela)
        *out_value = (uint64_t)rela->r_addend;
    return true;
}

const struct sites_symbol *sites_elf_symbol(const struct sites_elf *elf,
                                            const char *name)
{
    for (size_t i = 0; i < elf->symbol_count; i++) {
        if (!strcmp(elf->symbols[i].name, name))
            return &elf->symbols[i];
    }
    return NULL;
}

const struct sites_symbol *sites_elf_nearest(const struct sites_elf *elf,
                                             uint64_t address)
{
    size_t low = 0, high = elf->symbol_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (elf->symbols[middle].value <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &elf->symbols[low - 1] : NULL;
}
