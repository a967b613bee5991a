/* SPDX-License-Identifier: MIT */
/*
 * Xen's notes in an ELF file.
 */
#ifndef SHIM_IMAGE_NOTES_H
#define SHIM_IMAGE_NOTES_H

#include "abi/xen_elfnote.h"
#include "image/elf_file.h"

enum { XEN_NOTES = XEN_ELFNOTE_PHYS32_ENTRY + 1 };

/* Bytes of the file, up to a NUL or to the end of the note. */
struct xen_text {
    const char *at;
    size_t length;
};

/* A note's value, as what its type says it is. */
struct xen_note {
    bool is_there;
    uint64_t number;
    struct xen_text text;
};

struct xen_notes {
    struct xen_note of[XEN_NOTES]; /* by XEN_ELFNOTE_* */
    unsigned count;                /* 0: the file has none of Xen's */
};

/* From the PT_NOTE segments or, if these have none, the SHT_NOTE sections. */
bool xen_notes_read(struct elf_file *file, struct xen_notes *out,
                    struct pvi_line *why);

/* The number of a note, or 'without' if there is none. */
uint64_t xen_notes_number(const struct xen_notes *notes, unsigned type,
                          uint64_t without);

bool xen_text_begins(const struct xen_text *text, const char *with);

/* As a string, cut if need be. */
void xen_text_copy(const struct xen_text *text, char *out, size_t room);

/*
 * The features of a list of names: those that begin with '!' are required. One
 * that is required but has no name here is refused, as Xen does.
 */
bool xen_features_read(const struct xen_text *text, uint32_t *out_supported,
                       uint32_t *out_required, struct pvi_line *why);

/* "writable_page_tables" for XENFEAT_writable_page_tables; "?" if unnamed. */
const char *xen_features_name(unsigned feature);

#endif /* SHIM_IMAGE_NOTES_H */
