/* SPDX-License-Identifier: MIT */
/*
 * Makes small ELF images in memory, whole or damaged, for tests and seeds.
 *
 * The order of calls is the order in the file: program headers come right
 * after the header, then what is added; elf_builder_finish() appends the
 * section headers.
 */
#ifndef TESTS_ELF_BUILDER_H
#define TESTS_ELF_BUILDER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ELF_BUILDER_BYTES = 64 << 10,
    ELF_BUILDER_SEGMENTS = 4,
    ELF_BUILDER_SECTIONS = 8,
    ELF_BUILDER_NAMES = 256,
};

/* Types of Xen's notes, as in xen/include/public/elfnote.h. */
enum {
    BUILDER_XEN_ENTRY = 1,
    BUILDER_XEN_VIRT_BASE = 3,
    BUILDER_XEN_VERSION = 5,
    BUILDER_XEN_LOADER = 8,
    BUILDER_XEN_PHYS32_ENTRY = 18,
};

struct elf_builder {
    bool is64;
    size_t size;
    unsigned segment_count, section_count;
    Elf64_Shdr sections[ELF_BUILDER_SECTIONS];
    char names[ELF_BUILDER_NAMES];
    size_t names_size;
    uint8_t data[ELF_BUILDER_BYTES];
};

/* An executable for x86 with room for ELF_BUILDER_SEGMENTS segments. */
void elf_builder_start(struct elf_builder *builder, bool is64);

/* The same with 32 bytes loaded at 1 MiB and at the top of the addresses. */
void elf_builder_kernel(struct elf_builder *builder, bool is64);

/* The same with a PT_NOTE segment of one note: PVH, entry 0x100010. */
void elf_builder_pvh_kernel(struct elf_builder *builder, bool is64);

/* Append bytes, aligned; NULL for zeroes. Returns their offset. */
size_t elf_builder_add(struct elf_builder *builder, size_t align,
                       const void *bytes, size_t size);

/* Append a note whose parts are padded to 'align' (4 or 8). */
size_t elf_builder_note(struct elf_builder *builder, size_t align,
                        const char *owner, uint32_t type, const void *value,
                        size_t size);

/* A note of Xen's with a number of 4 or 8 bytes. */
size_t elf_builder_xen_number(struct elf_builder *builder, size_t align,
                              uint32_t type, uint64_t number, size_t size);

/* Write the next program header; p_memsz is p_filesz. Returns its offset. */
size_t elf_builder_segment(struct elf_builder *builder, uint32_t type,
                           size_t offset, size_t size, uint64_t vaddr,
                           uint64_t paddr, uint64_t align);

/* Add a section header, to be written by elf_builder_finish(). */
unsigned elf_builder_section(struct elf_builder *builder, const char *name,
                             uint32_t type, size_t offset, size_t size,
                             uint32_t link, uint64_t entry_size,
                             uint64_t align);

/* Append a symbol to a table that is being added. */
size_t elf_builder_symbol(struct elf_builder *builder, uint32_t name,
                          unsigned binding, unsigned type, uint16_t section,
                          uint64_t value);

/* Names of sections, and section headers if there is any section. */
void elf_builder_finish(struct elf_builder *builder);

/* Write a little-endian number of 'width' bytes at 'offset'. */
void elf_builder_put(struct elf_builder *builder, size_t offset, size_t width,
                     uint64_t value);

#endif /* TESTS_ELF_BUILDER_H */
