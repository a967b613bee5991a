/* SPDX-License-Identifier: MIT */
/*
 * An ELF as it lies in memory: bytes and pointers by address, and its symbols
 * both ways.
 */
#ifndef LAB_SITES_ELF_H
#define LAB_SITES_ELF_H

#include "image/elf.h"

struct sites_symbol {
    uint64_t value;
    uint64_t size;
    const char *name; /* in the file; ended there */
};

struct sites_elf {
    struct elf_view view;
    size_t symbol_count;
    struct sites_symbol *symbols; /* by address */
    size_t relative_count;
    Elf64_Rela *relatives; /* R_X86_64_RELATIVE, by address */
};

/* As sites_open(). Takes ELFs with a symbol table that are linked. */
bool sites_elf_open(const struct image_bytes *bytes, struct sites_elf *out_elf,
                    char why[IMAGE_WHY_BYTES]);
void sites_elf_close(struct sites_elf *elf);

/* What is at 'address', 'size' bytes of a loaded segment; NULL if not there. */
const uint8_t *sites_elf_at(const struct sites_elf *elf, uint64_t address,
                            uint64_t size);

/* The NUL-ended text at 'address', shorter than 'most'; NULL if there is none.
 */
const char *sites_elf_text(const struct sites_elf *elf, uint64_t address,
                           size_t most);

/* The pointer at 'address', as it is where the image is linked for. */
bool sites_elf_pointer(const struct sites_elf *elf, uint64_t address,
                       uint64_t *out_value);

/* NULL: no symbol of that name. */
const struct sites_symbol *sites_elf_symbol(const struct sites_elf *elf,
                                            const char *name);

/* The symbol that 'address' is in, or follows; NULL if none is before it. */
const struct sites_symbol *sites_elf_nearest(const struct sites_elf *elf,
                                             uint64_t address);

#endif /* LAB_SITES_ELF_H */
