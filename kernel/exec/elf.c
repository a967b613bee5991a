/* SPDX-License-Identifier: MIT */
/*
 * Programs: ELF64 for x86-64, static.
 *
 * Source: System V ABI, chapters 4 and 5; AMD64 supplement 1.0, 4.1.
 */
#include "exec/exec.h"

#include <string.h>

#include "mm/space.h"

enum {
    PAGE = 4096,
    ET_EXEC = 2,
    ET_DYN = 3,
    EM_X86_64 = 62,
    PT_LOAD = 1,
    PT_INTERP = 3,
    PF_X = 1,
    PF_W = 2,
    PF_R = 4,
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t header_bytes, program_header_bytes, program_header_count;
    uint16_t section_header_bytes, section_header_count, names;
};
_Static_assert(sizeof(struct elf_header) == 64, "Elf64_Ehdr");

struct program_header {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_bytes, bytes, align;
};
_Static_assert(sizeof(struct program_header) == 56, "Elf64_Phdr");

static unsigned rights_of(uint32_t flags)
{
    return (flags & PF_R ? SPACE_READ : 0) | (flags & PF_W ? SPACE_WRITE : 0) |
           (flags & PF_X ? SPACE_EXEC : 0);
}

static const char *add_segment(const struct program_header *header,
                               size_t file_bytes, uint64_t base,
                               struct elf_program *out)
{
    uint64_t offset_in_page = header->address % PAGE;
    uint64_t start, end;
    struct elf_segment *segment = &out->segments[out->segment_count];

    if (!header->bytes)
        return NULL;
    if (out->segment_count == ELF_SEGMENTS)
        return "ELF: too many segments";
    if (header->offset > file_bytes ||
        header->file_bytes > file_bytes - header->offset ||
        header->file_bytes > header->bytes)
        return "ELF: a segment is longer than the file";
    if (header->offset % PAGE != offset_in_page)
        return "ELF: a segment's offset does not fit its address";
    if (header->address > SPACE_END - base ||
        header->bytes > SPACE_END - base - header->address)
        return "ELF: a segment is where no program can be";
    start = base + header->address - offset_in_page;
    end = (base + header->address + header->bytes + PAGE - 1) &
          ~(uint64_t)(PAGE - 1);
    if (start < SPACE_FIRST)
        return "ELF: a segment is where no program can be";
    if (out->segment_count && start < out->end)
        return "ELF: segments out of order, or one over the other";
    *segment = (struct elf_segment){
        .address = start,
        .bytes = end - start,
        .file_offset = header->offset - offset_in_page,
        .file_bytes =
            header->file_bytes ? header->file_bytes + offset_in_page : 0,
        .rights = rights_of(header->flags),
    };
    out->segment_count++;
    out->end = end;
    if (header->offset <= out->headers &&
        out->headers - header->offset < header->file_bytes)
        out->headers_address =
            base + header->address + (out->headers - header->offset);
    return NULL;
}

static const char *check_header(const struct elf_header *header, size_t bytes)
{
    static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

    if (memcmp(header->ident, ident, sizeof(ident)) != 0)
        return "ELF: no ELF64 file";
    if (header->machine != EM_X86_64)
        return "ELF: not for x86-64";
    if (header->type != ET_EXEC && header->type != ET_DYN)
        return "ELF: no program";
    if (header->program_header_bytes != sizeof(struct program_header) ||
        header->program_headers > bytes ||
        header->program_header_count >
            (bytes - header->program_headers) / sizeof(struct program_header))
        return "ELF: its program headers are not in the file";
    return NULL;
}

const char *elf_read(const uint8_t *file, size_t bytes, uint64_t base,
                     struct elf_program *out)
{
    struct elf_header header;
    const char *why;

    if (bytes < sizeof(header))
        return "ELF: no ELF64 file";
    memcpy(&header, file, sizeof(header));
    why = check_header(&header, bytes);
    if (why)
        return why;
    if (header.type == ET_EXEC)
        base = 0;
    *out = (struct elf_program){
        .headers = header.program_headers,
        .header_count = header.program_header_count,
        .entry = base + header.entry,
    };
    for (unsigned i = 0; i < header.program_header_count; i++) {
        struct program_header segment;

        memcpy(&segment, file + header.program_headers + i * sizeof(segment),
               sizeof(segment));
        if (segment.type == PT_INTERP)
            return "ELF: it wants an interpreter";
        why = segment.type == PT_LOAD ? add_segment(&segment, bytes, base, out)
                                      : NULL;
        if (why)
            return why;
    }
    if (!out->segment_count)
        return "ELF: nothing to load";
    if (out->entry < SPACE_FIRST || out->entry >= SPACE_END)
        return "ELF: it begins where no program can be";
    return NULL;
}
