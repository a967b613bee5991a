/* SPDX-License-Identifier: MIT */
/*
 * The header of an ELF file, and its two tables.
 *
 * Source: System V ABI (gABI), chapters 4 and 5, with the extended numbering
 *         of sections (e_shnum 0).
 */
#include "image/elf_file.h"

static bool check_kind(const struct elf_file *file, struct pvi_line *why)
{
    const struct elf64_header *header = &file->header;

    if (header->e_ident[EI_DATA] != ELFDATA2LSB)
        return refuse(why, "ELF: its numbers are not little-endian");
    if (header->e_machine != EM_X86_64)
        return refuse(why, "ELF: for machine %u, not for x86-64 (%u)",
                      header->e_machine, EM_X86_64);
    if (header->e_type == ET_REL)
        return refuse(why, "ELF: a relocatable object, not yet linked");
    if (header->e_type == ET_CORE)
        return refuse(why, "ELF: a core dump, not a kernel");
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return refuse(why, "ELF: type %u is no executable", header->e_type);
    return true;
}

static bool check_segments(const struct elf_file *file, struct pvi_line *why)
{
    const struct elf64_header *header = &file->header;
    const unsigned entry = sizeof(struct elf64_segment);

    if (!header->e_phnum)
        return refuse(why, "ELF: it has no program headers");
    if (header->e_phentsize != entry)
        return refuse(why, "ELF: program headers of %u bytes instead of %u",
                      header->e_phentsize, entry);
    if (!elf_file_has(file, header->e_phoff, (uint64_t)header->e_phnum * entry))
        return refuse(why,
                      "ELF: %u program headers at 0x%llx pass the end of the "
                      "file (0x%llx bytes)",
                      header->e_phnum, wide(header->e_phoff), wide(file->size));
    return true;
}

bool elf_file_open(const uint8_t *bytes, size_t size, struct elf_file *out,
                   struct pvi_line *why)
{
    *out = (struct elf_file){ .bytes = bytes, .size = size };
    if (size < 4 || bytes[0] != 0x7f || bytes[1] != 'E' || bytes[2] != 'L' ||
        bytes[3] != 'F')
        return refuse(why, "not an ELF file");
    if (size > EI_CLASS && bytes[EI_CLASS] == ELFCLASS32)
        return refuse(why, "ELF: of 32 bits; only 64-bit kernels are run");
    if (size > EI_CLASS && bytes[EI_CLASS] != ELFCLASS64)
        return refuse(why, "ELF: class %u is neither 32 nor 64 bits",
                      bytes[EI_CLASS]);
    if (size < sizeof(out->header))
        return refuse(why, "ELF: the file ends in the header (%u of %u bytes)",
                      (unsigned)size, (unsigned)sizeof(out->header));
    __builtin_memcpy(&out->header, bytes, sizeof(out->header));
    return check_kind(out, why) && check_segments(out, why);
}

struct elf64_segment elf_file_segment(const struct elf_file *file,
                                      unsigned index)
{
    struct elf64_segment segment;

    __builtin_memcpy(&segment,
                     file->bytes + file->header.e_phoff +
                         (uint64_t)index * sizeof(segment),
                     sizeof(segment));
    return segment;
}

struct elf64_section elf_file_section(const struct elf_file *file,
                                      uint64_t index)
{
    struct elf64_section section;

    __builtin_memcpy(
        &section, file->bytes + file->header.e_shoff + index * sizeof(section),
        sizeof(section));
    return section;
}

bool elf_file_open_sections(struct elf_file *file, struct pvi_line *why)
{
    const struct elf64_header *header = &file->header;
    const unsigned entry = sizeof(struct elf64_section);
    uint64_t count = header->e_shnum;

    file->section_count = 0;
    if (!header->e_shoff)
        return true;
    if (header->e_shentsize != entry)
        return refuse(why, "ELF: section headers of %u bytes instead of %u",
                      header->e_shentsize, entry);
    /* More than a u16 holds: then the first section has the number. */
    if (!count && elf_file_has(file, header->e_shoff, entry))
        count = elf_file_section(file, 0).sh_size;
    if (count > file->size / entry ||
        !elf_file_has(file, header->e_shoff, count * entry))
        return refuse(why,
                      "ELF: %llu section headers at 0x%llx pass the end of the "
                      "file (0x%llx bytes)",
                      wide(count), wide(header->e_shoff), wide(file->size));
    file->section_count = count;
    return true;
}
