/* SPDX-License-Identifier: MIT */
/*
 * ELF headers, checked once, and the image that they describe.
 *
 * Source: System V ABI, chapters 4 and 5 (gABI), with the extended numbering
 *         of sections (e_shnum 0, e_shstrndx SHN_XINDEX).
 */
#include "image/elf.h"

#include <inttypes.h>
#include <string.h>

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_ARM:
        return "Arm";
    case EM_AARCH64:
        return "AArch64";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC:
    case EM_PPC64:
        return "PowerPC";
    case EM_MIPS:
        return "MIPS";
    case EM_S390:
        return "S/390";
    default:
        return "another machine";
    }
}

/* The fixed part; offsets of the tables are not checked here. */
static bool read_header(struct elf_view *elf, Elf64_Ehdr *header, char *why)
{
    const struct image_bytes *bytes = &elf->bytes;
    const uint8_t *ident = bytes->data;
    size_t need;

    if (bytes->size < EI_NIDENT)
        return image_refuse(why, "ELF: cut off in its header (%zu bytes)",
                            bytes->size);
    if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
        return image_refuse(why, "ELF: class %u is neither 32 nor 64 bit",
                            ident[EI_CLASS]);
    if (ident[EI_DATA] != ELFDATA2LSB)
        return image_refuse(why, "ELF is big-endian, so not for x86");
    elf->is64 = ident[EI_CLASS] == ELFCLASS64;

    need = elf->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    if (bytes->size < need)
        return image_refuse(why,
                            "ELF: cut off in its header (%zu of %zu bytes)",
                            bytes->size, need);
    if (elf->is64) {
        memcpy(header, bytes->data, sizeof(*header));
    } else {
        Elf32_Ehdr small;

        memcpy(&small, bytes->data, sizeof(small));
        header->e_type = small.e_type;
        header->e_machine = small.e_machine;
        header->e_entry = small.e_entry;
        header->e_phoff = small.e_phoff;
        header->e_shoff = small.e_shoff;
        header->e_phentsize = small.e_phentsize;
        header->e_phnum = small.e_phnum;
        header->e_shentsize = small.e_shentsize;
        header->e_shnum = small.e_shnum;
        header->e_shstrndx = small.e_shstrndx;
    }
    if (header->e_machine != EM_386 && header->e_machine != EM_X86_64)
        return image_refuse(why, "ELF is for %s (machine %u), not for x86",
                            machine_name(header->e_machine), header->e_machine);
    if (!elf->is64 && header->e_machine == EM_X86_64)
        return image_refuse(why, "ELF is 32-bit but for x86-64 (x32): objcopy "
                                 "-O elf32-i386 helps");
    return true;
}

static bool check_segments(struct elf_view *elf, const Elf64_Ehdr *header,
                           char *why)
{
    size_t entry_size = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

    elf->segments = header->e_phoff;
    elf->segment_count = header->e_phnum;
    if (elf->segment_count == 0)
        return true;
    if (header->e_phnum == PN_XNUM)
        return image_refuse(why, "ELF: has more than 65534 program headers");
    if (header->e_phentsize != entry_size)
        return image_refuse(why,
                            "ELF: program headers are of %u bytes instead of "
                            "%zu",
                            header->e_phentsize, entry_size);
    if (!image_has(&elf->bytes, elf->segments,
                   (uint64_t)elf->segment_count * entry_size)) {
        uint64_t first = 0;

        if (elf->segments < elf->bytes.size)
            first = (elf->bytes.size - elf->segments) / entry_size;
        return image_refuse(why,
                            "ELF: program header %" PRIu64 " lies beyond the "
                            "end of the file (table at %" PRIu64 ", file %zu "
                            "bytes)",
                            first, elf->segments, elf->bytes.size);
    }
    return true;
}

static bool check_sections(struct elf_view *elf, const Elf64_Ehdr *header,
                           char *why)
{
    size_t entry_size = elf->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    uint64_t names = header->e_shstrndx;
    Elf64_Shdr section;

    elf->sections = header->e_shoff;
    elf->section_count = header->e_shnum;
    if (elf->sections == 0) {
        elf->section_count = 0;
        return true;
    }
    /* Section 0 must be read before the number of sections is known. */
    if (elf->section_count == 0)
        elf->section_count = 1;
    if (header->e_shentsize != entry_size)
        return image_refuse(why,
                            "ELF: section headers are of %u bytes instead of "
                            "%zu",
                            header->e_shentsize, entry_size);
    if (!image_has(&elf->bytes, elf->sections, elf->section_count * entry_size))
        return image_refuse(why,
                            "ELF: section headers lie beyond the end of the "
                            "file (table at %" PRIu64 ", file %zu bytes): is "
                            "it cut off?",
                            elf->sections, elf->bytes.size);
    section = elf_view_section(elf, 0);
    if (header->e_shnum == 0)
        elf->section_count = section.sh_size;
    if (names == SHN_XINDEX)
        names = section.sh_link;
    /* The product cannot overflow: the quotient is compared first. */
    if (elf->section_count > elf->bytes.size / entry_size ||
        !image_has(&elf->bytes, elf->sections, elf->section_count * entry_size))
        return image_refuse(why,
                            "ELF: %" PRIu64 " section headers at %" PRIu64
                            " lie beyond the end of the file (%zu bytes)",
                            elf->section_count, elf->sections, elf->bytes.size);
    if (names < elf->section_count) {
        section = elf_view_section(elf, names);
        elf->section_names = elf_view_content(elf, &section);
    }
    return true;
}

bool elf_view_open(const struct image_bytes *bytes, struct elf_view *out_elf,
                   char why[IMAGE_WHY_BYTES])
{
    Elf64_Ehdr header = { 0 };

    memset(out_elf, 0, sizeof(*out_elf));
    out_elf->bytes = *bytes;
    if (!read_header(out_elf, &header, why))
        return false;
    out_elf->type = header.e_type;
    out_elf->machine = header.e_machine;
    out_elf->entry = header.e_entry;
    return check_segments(out_elf, &header, why) &&
           check_sections(out_elf, &header, why);
}

Elf64_Phdr elf_view_segment(const struct elf_view *elf, unsigned index)
{
    const uint8_t *table = elf->bytes.data + elf->segments;
    Elf64_Phdr segment;
    Elf32_Phdr small;

    if (elf->is64) {
        memcpy(&segment, table + (size_t)index * sizeof(segment),
               sizeof(segment));
        return segment;
    }
    memcpy(&small, table + (size_t)index * sizeof(small), sizeof(small));
    return (Elf64_Phdr){
        .p_type = small.p_type,
        .p_flags = small.p_flags,
        .p_offset = small.p_offset,
        .p_vaddr = small.p_vaddr,
        .p_paddr = small.p_paddr,
        .p_filesz = small.p_filesz,
        .p_memsz = small.p_memsz,
        .p_align = small.p_align,
    };
}

Elf64_Shdr elf_view_section(const struct elf_view *elf, uint64_t index)
{
    const uint8_t *table = elf->bytes.data + elf->sections;
    Elf64_Shdr section;
    Elf32_Shdr small;

    if (elf->is64) {
        memcpy(&section, table + index * sizeof(section), sizeof(section));
        return section;
    }
    memcpy(&small, table + index * sizeof(small), sizeof(small));
    return (Elf64_Shdr){
        .sh_name = small.sh_name,
        .sh_type = small.sh_type,
        .sh_flags = small.sh_flags,
        .sh_addr = small.sh_addr,
        .sh_offset = small.sh_offset,
        .sh_size = small.sh_size,
        .sh_link = small.sh_link,
        .sh_info = small.sh_info,
        .sh_addralign = small.sh_addralign,
        .sh_entsize = small.sh_entsize,
    };
}

struct image_bytes elf_view_content(const struct elf_view *elf,
                                    const Elf64_Shdr *section)
{
    struct image_bytes content = { elf->bytes.data, 0 };

    if (section->sh_type == SHT_NOBITS ||
        !image_has(&elf->bytes, section->sh_offset, section->sh_size))
        return content;
    content.data += section->sh_offset;
    content.size = section->sh_size;
    return content;
}

bool elf_string_is(const struct image_bytes *table, uint64_t offset,
                   const char *name)
{
    /* The terminating NUL is compared as well. */
    return image_has_magic(table, offset, name, strlen(name) + 1);
}

/* Segments to load: inside the file and inside the address space. */
static bool read_ranges(const struct elf_view *elf, struct image *image,
                        char *why)
{
    uint64_t top = elf->is64 ? UINT64_MAX : UINT32_MAX;
    bool any = false;

    for (unsigned i = 0; i < elf->segment_count; i++) {
        Elf64_Phdr segment = elf_view_segment(elf, i);

        if (segment.p_type != PT_LOAD)
            continue;
        any = true;
        if (!image_has(&elf->bytes, segment.p_offset, segment.p_filesz))
            return image_refuse(
                why,
                "ELF: segment %u lies beyond the end of the "
                "file (offset %" PRIu64 ", %" PRIu64 " bytes; file %zu bytes)",
                i, segment.p_offset, segment.p_filesz, elf->bytes.size);
        if (segment.p_filesz > segment.p_memsz)
            return image_refuse(why,
                                "ELF: segment %u has %" PRIu64 " bytes in the "
                                "file but %" PRIu64 " in memory",
                                i, segment.p_filesz, segment.p_memsz);
        if (segment.p_memsz == 0)
            continue;
        if (segment.p_memsz - 1 > top - segment.p_vaddr ||
            segment.p_memsz - 1 > top - segment.p_paddr)
            return image_refuse(why,
                                "ELF: segment %u passes the end of the "
                                "address space (%#" PRIx64 ", %" PRIu64
                                " bytes)",
                                i, segment.p_vaddr, segment.p_memsz);
        if (image->range_count < IMAGE_MAX_RANGES)
            image->ranges[image->range_count++] = (struct image_range){
                .vaddr = segment.p_vaddr,
                .paddr = segment.p_paddr,
                .bytes = segment.p_memsz,
            };
    }
    if (!any)
        return image_refuse(why, "ELF has no segment to load");
    return true;
}

/* Does a loaded segment hold this virtual address? */
static bool is_loaded(const struct elf_view *elf, uint64_t vaddr)
{
    for (unsigned i = 0; i < elf->segment_count; i++) {
        Elf64_Phdr segment = elf_view_segment(elf, i);

        if (segment.p_type == PT_LOAD && vaddr >= segment.p_vaddr &&
            vaddr - segment.p_vaddr < segment.p_memsz)
            return true;
    }
    return false;
}

/*
 * Xen enters a PV kernel at XEN_ELFNOTE_ENTRY, or at e_entry if its notes or
 * its __xen_guest section give none (Mini-OS). An ELF that has Xen's notes
 * for PVH only, or whose e_entry is not a virtual address (Linux without
 * CONFIG_XEN_PV), is no PV kernel.
 */
static void add_xen_doors(const struct elf_view *elf,
                          const struct xen_notes *notes, struct image *image)
{
    if (notes->has_phys32_entry) {
        image->doors |= DOOR_PVH;
        image->pvh_hidden_from_qemu = notes->phys32_entry_hidden;
        image->pvh_entry = notes->phys32_entry;
    }
    if (notes->has_entry) {
        image->doors |= DOOR_XEN_PV;
        image->xen_entry = notes->entry;
    } else if (!notes->has_phys32_entry &&
               (notes->has_xen_version || notes->has_xen_guest) &&
               is_loaded(elf, elf->entry)) {
        image->doors |= DOOR_XEN_PV;
        image->xen_entry = elf->entry;
    }
    if (notes->has_virt_base)
        image->virt_base = notes->virt_base;
}

static bool has_interpreter(const struct elf_view *elf)
{
    for (unsigned i = 0; i < elf->segment_count; i++) {
        if (elf_view_segment(elf, i).p_type == PT_INTERP)
            return true;
    }
    return false;
}

static bool refuse_doorless(const struct elf_view *elf, char *why)
{
    static const char none[] = "neither PVH, Multiboot nor Xen";

    if (has_interpreter(elf))
        return image_refuse(why,
                            "ELF is a program for an operating system and "
                            "has no boot note: %s",
                            none);
    if (elf->type == ET_DYN)
        return image_refuse(
            why, "ELF is a shared object and has no boot note: %s", none);
    return image_refuse(why, "ELF has no boot note: %s", none);
}

bool image_elf_parse(const struct image_bytes *bytes, struct image *out_image,
                     char why[IMAGE_WHY_BYTES])
{
    char notes_complaint[IMAGE_WHY_BYTES];
    char header_complaint[IMAGE_WHY_BYTES];
    struct xen_notes notes;
    struct elf_view elf;

    out_image->format = IMAGE_ELF;
    if (!elf_view_open(bytes, &elf, why))
        return false;
    out_image->bits = elf.is64 ? 64 : 32;
    out_image->i386 = elf.machine == EM_386;
    out_image->entry = elf.entry;
    if (elf.type == ET_REL)
        return image_refuse(why, "ELF is a relocatable object (a .o or .ko): "
                                 "link it first");
    if (elf.type == ET_CORE)
        return image_refuse(why, "ELF is a core dump, not a kernel");
    if (elf.type != ET_EXEC && elf.type != ET_DYN)
        return image_refuse(why, "ELF: type %u is no program", elf.type);
    if (!read_ranges(&elf, out_image, why))
        return false;

    elf_read_xen_notes(&elf, &notes, notes_complaint);
    add_xen_doors(&elf, &notes, out_image);
    image_multiboot_parse(bytes, out_image, header_complaint);
    if (out_image->doors)
        return true;

    /* A damaged door is the better reason than none. */
    if (notes_complaint[0])
        return image_refuse(why, "%s", notes_complaint);
    if (header_complaint[0])
        return image_refuse(why, "%s", header_complaint);
    return refuse_doorless(&elf, why);
}
