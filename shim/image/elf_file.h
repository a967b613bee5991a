/* SPDX-License-Identifier: MIT */
/*
 * An ELF file whose header has been checked.
 */
#ifndef SHIM_IMAGE_ELF_FILE_H
#define SHIM_IMAGE_ELF_FILE_H

#include <stdbool.h>

#include "abi/elf.h"
#include "image/why.h"

/* 'bytes' may lie at any address: what it holds is copied out. */
struct elf_file {
    const uint8_t *bytes;
    size_t size;
    struct elf64_header header;
    uint64_t section_count; /* after elf_file_open_sections() */
};

/* An executable of 64 bits for x86-64 with program headers in the file. */
bool elf_file_open(const uint8_t *bytes, size_t size, struct elf_file *out,
                   struct pvi_line *why);

/* Its section headers, if any: many kernels have none, or only their stubs. */
bool elf_file_open_sections(struct elf_file *file, struct pvi_line *why);

/* 'index' is less than header.e_phnum, or section_count. */
struct elf64_segment elf_file_segment(const struct elf_file *file,
                                      unsigned index);
struct elf64_section elf_file_section(const struct elf_file *file,
                                      uint64_t index);

/* Are 'count' bytes from 'offset' on in the file? */
static inline bool elf_file_has(const struct elf_file *file, uint64_t offset,
                                uint64_t count)
{
    return offset <= file->size && count <= file->size - offset;
}

#endif /* SHIM_IMAGE_ELF_FILE_H */
