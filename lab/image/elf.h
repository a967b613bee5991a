/* SPDX-License-Identifier: MIT */
/*
 * An ELF for x86 whose headers have been checked: ELF32 and ELF64 look alike.
 *
 * Source: System V ABI, chapters 4 and 5 (gABI); names as in <elf.h>.
 */
#ifndef LAB_IMAGE_ELF_H
#define LAB_IMAGE_ELF_H

#include "image/bytes.h"

#include <elf.h>

struct elf_view {
    struct image_bytes bytes;
    bool is64;
    uint16_t type;    /* ET_* */
    uint16_t machine; /* EM_386 or EM_X86_64 */
    uint64_t entry;
    uint64_t segments; /* offset of the program headers */
    unsigned segment_count;
    uint64_t sections; /* offset of the section headers */
    uint64_t section_count;
    struct image_bytes section_names; /* empty if there are none */
};

/*
 * Check the header and that both tables lie inside the file.
 *
 * Errors: false, with a sentence.
 */
bool elf_view_open(const struct image_bytes *bytes, struct elf_view *out_elf,
                   char why[IMAGE_WHY_BYTES]);

/* Program header 'index', which is below segment_count. */
Elf64_Phdr elf_view_segment(const struct elf_view *elf, unsigned index);

/* Section header 'index', which is below section_count. */
Elf64_Shdr elf_view_section(const struct elf_view *elf, uint64_t index);

/*
 * Is the string at 'offset' of a string table 'name'? A string that is not
 * ended inside the table is nobody's name.
 */
bool elf_string_is(const struct image_bytes *table, uint64_t offset,
                   const char *name);

/* Bytes of a section; empty if it has none or lies outside the file. */
struct image_bytes elf_view_content(const struct elf_view *elf,
                                    const Elf64_Shdr *section);

/* A symbol that has an address of its own; its name is in 'strings'. */
typedef void elf_symbol(void *context, const struct image_bytes *strings,
                        const Elf64_Sym *symbol);

/*
 * Each such symbol of all tables of 'type' (SHT_SYMTAB, SHT_DYNSYM). Tables
 * that do not overlap have together no more bytes than the file: more is
 * refused, so that the work stays linear; '*symbol_bytes' counts them, from 0.
 *
 * Errors: false, with a sentence.
 */
bool elf_each_symbol(const struct elf_view *elf, uint32_t type,
                     elf_symbol *each, void *context, uint64_t *symbol_bytes,
                     char why[IMAGE_WHY_BYTES]);

/* What an ELF tells Xen, by notes or by its section __xen_guest. */
struct xen_notes {
    unsigned count; /* notes whose owner is "Xen" */
    bool has_entry, has_virt_base, has_phys32_entry, has_xen_version;
    bool has_xen_guest;       /* there is a section __xen_guest, and no note */
    bool phys32_entry_hidden; /* from QEMU; see pvh_hidden_from_qemu */
    uint64_t entry;
    uint64_t virt_base;
    uint64_t phys32_entry;
};

/*
 * Read Xen's notes: those of PT_NOTE segments, else of SHT_NOTE sections,
 * else the section __xen_guest. What is damaged is passed over, and described
 * in 'complaint', which is "" otherwise.
 */
void elf_read_xen_notes(const struct elf_view *elf, struct xen_notes *out_notes,
                        char complaint[IMAGE_WHY_BYTES]);

#endif /* LAB_IMAGE_ELF_H */
