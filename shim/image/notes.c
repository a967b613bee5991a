/* SPDX-License-Identifier: MIT */
/*
 * Where Xen's notes are and what they hold.
 *
 * lab/image/notes.c has the same subject, and shares nothing: it asks by which
 * doors an image of any kind and width could be entered, and takes what is
 * damaged for absent; here a kernel is to be built, and damage is told.
 *
 * Source: System V ABI (gABI), chapter 5, "Note Section"; Xen 4.17
 *         xen/common/libelf/libelf-dominfo.c (order of the places; padding to
 *         4 bytes whatever the alignment says; the later note holds; a segment
 *         at offset 0 is an old linker's mistake).
 */
#include "image/notes.h"

enum { NOTES_MOST = 4096 }; /* Linux has 20; segments may share their bytes */

enum kind { NUMBER, TEXT, OTHER };

static const struct {
    const char *name;
    enum kind kind;
} known[XEN_NOTES] = {
    [XEN_ELFNOTE_INFO] = { "INFO", OTHER },
    [XEN_ELFNOTE_ENTRY] = { "ENTRY", NUMBER },
    [XEN_ELFNOTE_HYPERCALL_PAGE] = { "HYPERCALL_PAGE", NUMBER },
    [XEN_ELFNOTE_VIRT_BASE] = { "VIRT_BASE", NUMBER },
    [XEN_ELFNOTE_PADDR_OFFSET] = { "PADDR_OFFSET", NUMBER },
    [XEN_ELFNOTE_XEN_VERSION] = { "XEN_VERSION", TEXT },
    [XEN_ELFNOTE_GUEST_OS] = { "GUEST_OS", TEXT },
    [XEN_ELFNOTE_GUEST_VERSION] = { "GUEST_VERSION", TEXT },
    [XEN_ELFNOTE_LOADER] = { "LOADER", TEXT },
    [XEN_ELFNOTE_PAE_MODE] = { "PAE_MODE", OTHER },
    [XEN_ELFNOTE_FEATURES] = { "FEATURES", TEXT },
    [XEN_ELFNOTE_BSD_SYMTAB] = { "BSD_SYMTAB", TEXT },
    [XEN_ELFNOTE_HV_START_LOW] = { "HV_START_LOW", NUMBER },
    [XEN_ELFNOTE_L1_MFN_VALID] = { "L1_MFN_VALID", OTHER },
    [XEN_ELFNOTE_SUSPEND_CANCEL] = { "SUSPEND_CANCEL", NUMBER },
    [XEN_ELFNOTE_INIT_P2M] = { "INIT_P2M", NUMBER },
    [XEN_ELFNOTE_MOD_START_PFN] = { "MOD_START_PFN", NUMBER },
    [XEN_ELFNOTE_SUPPORTED_FEATURES] = { "SUPPORTED_FEATURES", NUMBER },
    [XEN_ELFNOTE_PHYS32_ENTRY] = { "PHYS32_ENTRY", OTHER },
};

static bool take(struct xen_notes *notes, uint32_t type, const uint8_t *value,
                 uint32_t bytes, struct pvi_line *why)
{
    struct xen_note note = { .is_there = true };

    notes->count++;
    if (type >= XEN_NOTES)
        return true;
    switch (known[type].kind) {
    case NUMBER:
        if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
            return refuse(why, "Xen note %s: a number of %u bytes",
                          known[type].name, bytes);
        for (unsigned i = 0; i < bytes; i++)
            note.number |= (uint64_t)value[i] << (8 * i);
        break;
    case TEXT:
        note.text.at = (const char *)value;
        while (note.text.length < bytes && value[note.text.length])
            note.text.length++;
        break;
    case OTHER:
        break;
    }
    notes->of[type] = note;
    return true;
}

struct walk {
    struct xen_notes *notes;
    struct pvi_line *why;
    unsigned left; /* notes that may still be read */
};

static uint64_t padded(uint32_t bytes)
{
    return ((uint64_t)bytes + 3) & ~UINT64_C(3);
}

/* The notes in 'size' bytes; what is too short for a note is padding. */
static bool walk_area(struct walk *walk, const uint8_t *area, uint64_t size,
                      const char *what, uint64_t index)
{
    struct elf64_note note;
    uint64_t at = 0;

    for (unsigned n = 0; at <= size && size - at >= sizeof(note); n++) {
        const uint8_t *name = area + at + sizeof(note);
        uint64_t left = size - at - sizeof(note);
        uint64_t value_at;

        __builtin_memcpy(&note, area + at, sizeof(note));
        value_at = padded(note.n_namesz);
        /* The last one may lack its padding. */
        if (value_at > left || note.n_descsz > left - value_at)
            return refuse(walk->why,
                          "ELF: note %u of %s %llu passes its end (0x%llx "
                          "bytes)",
                          n, what, wide(index), wide(size));
        if (!walk->left--)
            return refuse(walk->why, "ELF: more than %u notes", NOTES_MOST);
        if (note.n_namesz == 4 && !__builtin_memcmp(name, "Xen", 4) &&
            !take(walk->notes, note.n_type, name + value_at, note.n_descsz,
                  walk->why))
            return false;
        at += sizeof(note) + value_at + padded(note.n_descsz);
    }
    return true;
}

static bool walk_segments(struct walk *walk, const struct elf_file *file)
{
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        struct elf64_segment segment = elf_file_segment(file, i);

        if (segment.p_type != PT_NOTE || !segment.p_offset)
            continue;
        if (!elf_file_has(file, segment.p_offset, segment.p_filesz))
            return refuse(walk->why,
                          "ELF: segment %u (notes) passes the end of the file "
                          "(0x%llx + 0x%llx, 0x%llx bytes)",
                          i, wide(segment.p_offset), wide(segment.p_filesz),
                          wide(file->size));
        if (!walk_area(walk, file->bytes + segment.p_offset, segment.p_filesz,
                       "segment", i))
            return false;
    }
    return true;
}

static bool walk_sections(struct walk *walk, struct elf_file *file)
{
    if (!elf_file_open_sections(file, walk->why))
        return false;
    for (uint64_t i = 1; i < file->section_count; i++) {
        struct elf64_section section = elf_file_section(file, i);

        if (section.sh_type != SHT_NOTE)
            continue;
        if (!elf_file_has(file, section.sh_offset, section.sh_size))
            return refuse(walk->why,
                          "ELF: section %llu (notes) passes the end of the "
                          "file (0x%llx + 0x%llx, 0x%llx bytes)",
                          wide(i), wide(section.sh_offset),
                          wide(section.sh_size), wide(file->size));
        if (!walk_area(walk, file->bytes + section.sh_offset, section.sh_size,
                       "section", i))
            return false;
    }
    return true;
}

bool xen_notes_read(struct elf_file *file, struct xen_notes *out,
                    struct pvi_line *why)
{
    struct walk walk = { .notes = out, .why = why, .left = NOTES_MOST };

    *out = (struct xen_notes){ 0 };
    if (!walk_segments(&walk, file))
        return false;
    return out->count || walk_sections(&walk, file);
}

uint64_t xen_notes_number(const struct xen_notes *notes, unsigned type,
                          uint64_t without)
{
    return notes->of[type].is_there ? notes->of[type].number : without;
}

bool xen_text_begins(const struct xen_text *text, const char *with)
{
    for (size_t i = 0; with[i]; i++) {
        if (i == text->length || text->at[i] != with[i])
            return false;
    }
    return true;
}

void xen_text_copy(const struct xen_text *text, char *out, size_t room)
{
    size_t i;

    for (i = 0; i < room - 1 && i < text->length; i++)
        out[i] = text->at[i];
    out[i] = '\0';
}
