/* SPDX-License-Identifier: MIT */
/*
 * Makes small ELF images in memory, whole or damaged, for tests and seeds.
 */
#include "elf_builder.h"

#include <assert.h>
#include <string.h>

enum { ENTRY = 0x100000 };

void elf_builder_put(struct elf_builder *builder, size_t offset, size_t width,
                     uint64_t value)
{
    assert(offset + width <= sizeof(builder->data));
    for (size_t i = 0; i < width; i++)
        builder->data[offset + i] = (uint8_t)(value >> 8 * i);
}

size_t elf_builder_add(struct elf_builder *builder, size_t align,
                       const void *bytes, size_t size)
{
    size_t at = (builder->size + align - 1) / align * align;

    assert(at + size <= sizeof(builder->data));
    if (bytes)
        memcpy(builder->data + at, bytes, size);
    builder->size = at + size;
    return at;
}

void elf_builder_start(struct elf_builder *builder, bool is64)
{
    memset(builder, 0, sizeof(*builder));
    builder->is64 = is64;
    if (is64) {
        Elf64_Ehdr header = {
            .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
            .e_type = ET_EXEC,
            .e_machine = EM_X86_64,
            .e_version = 1,
            .e_entry = ENTRY,
            .e_phoff = sizeof(Elf64_Ehdr),
            .e_ehsize = sizeof(Elf64_Ehdr),
            .e_phentsize = sizeof(Elf64_Phdr),
            .e_shentsize = sizeof(Elf64_Shdr),
        };

        elf_builder_add(builder, 1, &header, sizeof(header));
        elf_builder_add(builder, 1, NULL,
                        ELF_BUILDER_SEGMENTS * sizeof(Elf64_Phdr));
    } else {
        Elf32_Ehdr header = {
            .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1 },
            .e_type = ET_EXEC,
            .e_machine = EM_386,
            .e_version = 1,
            .e_entry = ENTRY,
            .e_phoff = sizeof(Elf32_Ehdr),
            .e_ehsize = sizeof(Elf32_Ehdr),
            .e_phentsize = sizeof(Elf32_Phdr),
            .e_shentsize = sizeof(Elf32_Shdr),
        };

        elf_builder_add(builder, 1, &header, sizeof(header));
        elf_builder_add(builder, 1, NULL,
                        ELF_BUILDER_SEGMENTS * sizeof(Elf32_Phdr));
    }
    builder->names_size = 1;
    builder->section_count = 1;
}

size_t elf_builder_note(struct elf_builder *builder, size_t align,
                        const char *owner, uint32_t type, const void *value,
                        size_t size)
{
    uint32_t head[3] = { (uint32_t)strlen(owner) + 1, (uint32_t)size, type };
    size_t at = elf_builder_add(builder, align, head, sizeof(head));

    elf_builder_add(builder, 1, owner, head[0]);
    elf_builder_add(builder, align, value, size);
    elf_builder_add(builder, align, NULL, 0);
    return at;
}

size_t elf_builder_xen_number(struct elf_builder *builder, size_t align,
                              uint32_t type, uint64_t number, size_t size)
{
    return elf_builder_note(builder, align, "Xen", type, &number, size);
}

size_t elf_builder_segment(struct elf_builder *builder, uint32_t type,
                           size_t offset, size_t size, uint64_t vaddr,
                           uint64_t paddr, uint64_t align)
{
    unsigned index = builder->segment_count++;
    size_t at;

    assert(index < ELF_BUILDER_SEGMENTS);
    if (builder->is64) {
        Elf64_Phdr segment = {
            .p_type = type,
            .p_offset = offset,
            .p_vaddr = vaddr,
            .p_paddr = paddr,
            .p_filesz = size,
            .p_memsz = size,
            .p_align = align,
        };

        at = sizeof(Elf64_Ehdr) + index * sizeof(segment);
        memcpy(builder->data + at, &segment, sizeof(segment));
        elf_builder_put(builder, offsetof(Elf64_Ehdr, e_phnum), 2, index + 1);
    } else {
        Elf32_Phdr segment = {
            .p_type = type,
            .p_offset = (uint32_t)offset,
            .p_vaddr = (uint32_t)vaddr,
            .p_paddr = (uint32_t)paddr,
            .p_filesz = (uint32_t)size,
            .p_memsz = (uint32_t)size,
            .p_align = (uint32_t)align,
        };

        at = sizeof(Elf32_Ehdr) + index * sizeof(segment);
        memcpy(builder->data + at, &segment, sizeof(segment));
        elf_builder_put(builder, offsetof(Elf32_Ehdr, e_phnum), 2, index + 1);
    }
    return at;
}

unsigned elf_builder_section(struct elf_builder *builder, const char *name,
                             uint32_t type, size_t offset, size_t size,
                             uint32_t link, uint64_t entry_size, uint64_t align)
{
    unsigned index = builder->section_count++;
    size_t length = strlen(name) + 1;

    /* One place is kept for the section of the names. */
    assert(index < ELF_BUILDER_SECTIONS - 1);
    assert(builder->names_size + length < sizeof(builder->names) - 16);
    memcpy(builder->names + builder->names_size, name, length);
    builder->sections[index] = (Elf64_Shdr){
        .sh_name = (uint32_t)builder->names_size,
        .sh_type = type,
        .sh_offset = offset,
        .sh_size = size,
        .sh_link = link,
        .sh_entsize = entry_size,
        .sh_addralign = align,
    };
    builder->names_size += length;
    return index;
}

size_t elf_builder_symbol(struct elf_builder *builder, uint32_t name,
                          unsigned binding, unsigned type, uint16_t section,
                          uint64_t value)
{
    Elf64_Sym symbol = {
        .st_name = name,
        .st_info = (uint8_t)ELF64_ST_INFO(binding, type),
        .st_shndx = section,
        .st_value = value,
    };
    Elf32_Sym small = {
        .st_name = name,
        .st_info = (uint8_t)ELF32_ST_INFO(binding, type),
        .st_shndx = section,
        .st_value = (uint32_t)value,
    };

    if (builder->is64)
        return elf_builder_add(builder, 8, &symbol, sizeof(symbol));
    return elf_builder_add(builder, 4, &small, sizeof(small));
}

void elf_builder_finish(struct elf_builder *builder)
{
    unsigned names;
    size_t at;

    if (builder->section_count == 1)
        return;
    names = builder->section_count++;
    at = builder->names_size;
    memcpy(builder->names + at, ".shstrtab", sizeof(".shstrtab"));
    builder->names_size += sizeof(".shstrtab");
    builder->sections[names] = (Elf64_Shdr){
        .sh_name = (uint32_t)at,
        .sh_type = SHT_STRTAB,
        .sh_offset =
            elf_builder_add(builder, 1, builder->names, builder->names_size),
        .sh_size = builder->names_size,
    };

    at = elf_builder_add(builder, 8, NULL, 0);
    for (unsigned i = 0; i < builder->section_count; i++) {
        const Elf64_Shdr *section = &builder->sections[i];
        Elf32_Shdr small = {
            .sh_name = section->sh_name,
            .sh_type = section->sh_type,
            .sh_offset = (uint32_t)section->sh_offset,
            .sh_size = (uint32_t)section->sh_size,
            .sh_link = section->sh_link,
            .sh_entsize = (uint32_t)section->sh_entsize,
            .sh_addralign = (uint32_t)section->sh_addralign,
        };

        if (builder->is64)
            elf_builder_add(builder, 1, section, sizeof(*section));
        else
            elf_builder_add(builder, 1, &small, sizeof(small));
    }
    if (builder->is64) {
        elf_builder_put(builder, offsetof(Elf64_Ehdr, e_shoff), 8, at);
        elf_builder_put(builder, offsetof(Elf64_Ehdr, e_shnum), 2,
                        builder->section_count);
        elf_builder_put(builder, offsetof(Elf64_Ehdr, e_shstrndx), 2, names);
    } else {
        elf_builder_put(builder, offsetof(Elf32_Ehdr, e_shoff), 4, at);
        elf_builder_put(builder, offsetof(Elf32_Ehdr, e_shnum), 2,
                        builder->section_count);
        elf_builder_put(builder, offsetof(Elf32_Ehdr, e_shstrndx), 2, names);
    }
}

void elf_builder_kernel(struct elf_builder *builder, bool is64)
{
    size_t at;

    elf_builder_start(builder, is64);
    at = elf_builder_add(builder, 16, NULL, 32);
    elf_builder_segment(builder, PT_LOAD, at, 32,
                        is64 ? 0xffffffff80100000 : 0xc0100000, 0x100000, 16);
}

void elf_builder_pvh_kernel(struct elf_builder *builder, bool is64)
{
    size_t at;

    elf_builder_kernel(builder, is64);
    at = elf_builder_xen_number(builder, 4, BUILDER_XEN_PHYS32_ENTRY, 0x100010,
                                4);
    elf_builder_segment(builder, PT_NOTE, at, builder->size - at, 0, 0, 4);
}
