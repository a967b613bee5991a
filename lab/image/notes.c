/* SPDX-License-Identifier: MIT */
/*
 * Xen's notes in an ELF, and the section __xen_guest that came before them.
 *
 * Sources: gABI, chapter 5, "Note Section"; Xen xen/include/public/elfnote.h
 *          (numbers and meaning); Xen 4.17 xen/common/libelf/libelf-dominfo.c
 *          (order of the places that are searched, keys of __xen_guest).
 */
#include "image/elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    XEN_ELFNOTE_ENTRY = 1,
    XEN_ELFNOTE_VIRT_BASE = 3,
    XEN_ELFNOTE_XEN_VERSION = 5,
    XEN_ELFNOTE_PHYS32_ENTRY = 18,
};

enum {
    NOTE_HEADER_BYTES = 12, /* namesz, descsz, type: 4 each in both classes */
    NOTES_MAX = 4096,       /* Linux has 20; what overlaps is read again */
    GUEST_TEXT_MAX = 4096,
};

struct walk {
    struct xen_notes notes;
    unsigned budget; /* notes that may still be read */
    char *complaint;
};

static const char *note_name(uint32_t type)
{
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        return "ENTRY";
    case XEN_ELFNOTE_VIRT_BASE:
        return "VIRT_BASE";
    default:
        return "PHYS32_ENTRY";
    }
}

/* The first complaint stays. */
#define COMPLAIN(walk, ...)                                                    \
    do {                                                                       \
        if (!(walk)->complaint[0])                                             \
            image_refuse((walk)->complaint, __VA_ARGS__);                      \
    } while (0)

static void take_number(struct walk *walk, uint32_t type,
                        const struct image_bytes *value, bool *has,
                        uint64_t *number)
{
    uint64_t n;

    if (value->size == 4) {
        n = image_u32(value->data);
    } else if (value->size == 8) {
        n = image_u64(value->data);
    } else {
        COMPLAIN(walk, "ELF: Xen note %s has %zu bytes instead of 4 or 8",
                 note_name(type), value->size);
        return;
    }
    if (type == XEN_ELFNOTE_PHYS32_ENTRY && n > UINT32_MAX) {
        COMPLAIN(walk,
                 "ELF: Xen note PHYS32_ENTRY is %#" PRIx64 ", above 4 GiB", n);
        return;
    }
    if (*has)
        return;
    *has = true;
    *number = n;
}

static void take_xen_note(struct walk *walk, uint32_t type,
                          const struct image_bytes *value)
{
    struct xen_notes *notes = &walk->notes;

    notes->count++;
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        take_number(walk, type, value, &notes->has_entry, &notes->entry);
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        take_number(walk, type, value, &notes->has_virt_base,
                    &notes->virt_base);
        break;
    case XEN_ELFNOTE_PHYS32_ENTRY:
        take_number(walk, type, value, &notes->has_phys32_entry,
                    &notes->phys32_entry);
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        notes->has_xen_version = true;
        break;
    }
}

static uint64_t align_up(uint64_t offset, unsigned align)
{
    return (offset + align - 1) & ~(uint64_t)(align - 1);
}

/*
 * Read the notes in 'area', padded to 'align'. False, with a complaint, if
 * they do not fit into each other. Cannot overflow: sizes are of 32 bits.
 */
static bool walk_notes(struct walk *walk, const struct image_bytes *area,
                       unsigned align, const char *what, uint64_t index)
{
    uint64_t at = 0;

    /* Fewer bytes than a note has are padding. */
    for (unsigned n = 0; image_has(area, at, NOTE_HEADER_BYTES); n++) {
        const uint8_t *note = area->data + at;
        uint32_t name_size = image_u32(note);
        uint32_t value_size = image_u32(note + 4);
        uint64_t name_at = at + NOTE_HEADER_BYTES;
        uint64_t value_at = align_up(name_at + name_size, align);
        struct image_bytes value = { NULL, value_size };

        if (walk->budget == 0) {
            COMPLAIN(walk, "ELF: has more than %d notes", NOTES_MAX);
            return false;
        }
        walk->budget--;
        /* The value follows the name: if it is inside, both are. */
        if (!image_has(area, value_at, value_size)) {
            COMPLAIN(walk,
                     "ELF: note %u of %s %" PRIu64 " passes its end (at "
                     "%" PRIu64 " of %zu bytes)",
                     n, what, index, at, area->size);
            return false;
        }
        value.data = area->data + value_at;
        if (name_size == 4 && memcmp(note + NOTE_HEADER_BYTES, "Xen", 4) == 0)
            take_xen_note(walk, image_u32(note + 8), &value);
        at = align_up(value_at + value_size, align);
    }
    return true;
}

/*
 * By the gABI a segment aligned to 8 has notes padded to 8; but linkers also
 * give that alignment to one whose notes are padded to 4, as all of Xen's
 * are. So 8 is tried first, then 4 if that found nothing of Xen's.
 */
static void read_area(struct walk *walk, const struct image_bytes *area,
                      uint64_t align, const char *what, uint64_t index)
{
    if (align == 8) {
        char complaint[IMAGE_WHY_BYTES] = "";
        struct walk padded = *walk;

        padded.complaint = complaint;
        if (walk_notes(&padded, area, 8, what, index) &&
            padded.notes.count > walk->notes.count) {
            walk->notes = padded.notes;
            walk->budget = padded.budget;
            COMPLAIN(walk, "%s", complaint);
            return;
        }
        walk->budget = padded.budget;
    }
    walk_notes(walk, area, 4, what, index);
}

static void read_segments(struct walk *walk, const struct elf_view *elf)
{
    for (unsigned i = 0; i < elf->segment_count; i++) {
        Elf64_Phdr segment = elf_view_segment(elf, i);
        struct image_bytes area = { elf->bytes.data, segment.p_filesz };
        bool had_entry;

        if (segment.p_type != PT_NOTE)
            continue;
        if (!image_has(&elf->bytes, segment.p_offset, segment.p_filesz)) {
            COMPLAIN(walk,
                     "ELF: note segment %u lies beyond the end of the file "
                     "(offset %" PRIu64 ", %" PRIu64 " bytes; file %zu bytes)",
                     i, segment.p_offset, segment.p_filesz, elf->bytes.size);
            continue;
        }
        area.data += segment.p_offset;
        had_entry = walk->notes.has_phys32_entry;
        read_area(walk, &area, segment.p_align, "segment", i);
        if (walk->notes.has_phys32_entry && !had_entry)
            walk->notes.phys32_entry_hidden =
                segment.p_align == 0 || segment.p_align > 4;
    }
}

static void read_sections(struct walk *walk, const struct elf_view *elf)
{
    for (uint64_t i = 0; i < elf->section_count; i++) {
        Elf64_Shdr section = elf_view_section(elf, i);
        struct image_bytes area = elf_view_content(elf, &section);

        if (section.sh_type == SHT_NOTE)
            read_area(walk, &area, section.sh_addralign, "section", i);
    }
    walk->notes.phys32_entry_hidden = walk->notes.has_phys32_entry;
}

/* Value of "KEY=0x..." in a list with commas; false if it is not there. */
static bool guest_number(const char *text, const char *key, uint64_t *number)
{
    size_t length = strlen(key);

    while (text) {
        if (strncmp(text, key, length) == 0 && text[length] == '=') {
            *number = strtoull(text + length + 1, NULL, 0);
            return true;
        }
        text = strchr(text, ',');
        if (text)
            text++;
    }
    return false;
}

static void read_xen_guest(struct walk *walk, const struct elf_view *elf)
{
    struct xen_notes *notes = &walk->notes;
    char text[GUEST_TEXT_MAX + 1];

    for (uint64_t i = 0; i < elf->section_count; i++) {
        Elf64_Shdr section = elf_view_section(elf, i);
        struct image_bytes content = elf_view_content(elf, &section);

        if (!elf_string_is(&elf->section_names, section.sh_name, "__xen_guest"))
            continue;
        if (content.size > GUEST_TEXT_MAX)
            content.size = GUEST_TEXT_MAX;
        memcpy(text, content.data, content.size);
        text[content.size] = '\0';
        notes->has_xen_guest = true;
        notes->has_entry = guest_number(text, "VIRT_ENTRY", &notes->entry);
        notes->has_virt_base =
            guest_number(text, "VIRT_BASE", &notes->virt_base);
        return;
    }
}

void elf_read_xen_notes(const struct elf_view *elf, struct xen_notes *out_notes,
                        char complaint[IMAGE_WHY_BYTES])
{
    struct walk walk = { .budget = NOTES_MAX, .complaint = complaint };

    complaint[0] = '\0';
    read_segments(&walk, elf);
    if (walk.notes.count == 0)
        read_sections(&walk, elf);
    if (walk.notes.count == 0)
        read_xen_guest(&walk, elf);
    *out_notes = walk.notes;
}
