/* SPDX-License-Identifier: MIT */
/*
 * What a kernel file is, and by which doors it can be entered.
 *
 * Everything here reads untrusted bytes: no offset or length of the file is
 * believed before it has been checked against the file's size.
 */
#ifndef LAB_IMAGE_H
#define LAB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum image_format {
    IMAGE_ELF,
    IMAGE_BZIMAGE,
    IMAGE_ISO,
    IMAGE_DISK, /* begins with a boot sector or a GPT, or is qcow2 */
};

/* Doors into a kernel; a bit mask. */
enum {
    DOOR_PVH = 1 << 0,        /* ELF note XEN_ELFNOTE_PHYS32_ENTRY */
    DOOR_MULTIBOOT1 = 1 << 1, /* header magic 0x1badb002 in 8 KiB */
    DOOR_MULTIBOOT2 = 1 << 2, /* header magic 0xe85250d6 in 32 KiB */
    DOOR_XEN_PV = 1 << 3,     /* ELF note XEN_ELFNOTE_ENTRY, or __xen_guest */
    DOOR_LINUX = 1 << 4,      /* bzImage: Linux/x86 boot protocol */
    DOOR_LINUX_EFI = 1 << 5,  /* bzImage with an EFI handover or PE header */
    DOOR_FIRMWARE = 1 << 6,   /* ISO, disk: BIOS or UEFI boots it */
};

enum { IMAGE_MAX_RANGES = 16 };

struct image_range {
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t bytes; /* in memory */
};

struct image {
    enum image_format format;
    unsigned doors;     /* DOOR_* */
    int bits;           /* ELF: 32 or 64; bzImage: those of its payload, or 0 */
    uint64_t entry;     /* ELF e_entry */
    uint64_t pvh_entry; /* physical; valid with DOOR_PVH */
    uint64_t xen_entry; /* virtual; valid with DOOR_XEN_PV */
    uint64_t virt_base; /* XEN_ELFNOTE_VIRT_BASE, 0 if absent */
    size_t range_count; /* PT_LOAD segments, as many as fit */
    struct image_range ranges[IMAGE_MAX_RANGES];
    bool qcow2; /* IMAGE_DISK: not raw */
};

enum { IMAGE_WHY_BYTES = 160 };

/*
 * Recognise 'bytes'. A bzImage's payload is looked into as well: its doors
 * and ranges are those of the ELF that it carries, besides DOOR_LINUX.
 *
 * Errors: false, with one sentence in 'why' that says what the file is or
 *         where it is damaged ("ELF: program header 3 lies beyond the end of
 *         the file (offset 4096, size 1000)"). An ELF without any door is an
 *         error too: "ELF has no boot note: neither PVH, Multiboot nor Xen".
 */
bool image_parse(const void *bytes, size_t size, struct image *out_image,
                 char why[IMAGE_WHY_BYTES]);

/* image_parse() of a file, mapped; 'why' names no path. */
bool image_open(const char *path, struct image *out_image,
                char why[IMAGE_WHY_BYTES]);

/*
 * Value of a symbol in an ELF's symbol table or a System.map text.
 *
 * Errors: false, with a sentence in 'why' (no symbol table, no such symbol).
 */
bool image_symbol(const void *bytes, size_t size, const char *name,
                  uint64_t *out_value, char why[IMAGE_WHY_BYTES]);

/* "PVH, Multiboot1": the doors' names, for messages; 'text' is returned. */
char *image_doors_text(unsigned doors, char *text, size_t size);

/* "ELF", "bzImage", "ISO", "disk image". */
const char *image_format_name(enum image_format format);

#endif /* LAB_IMAGE_H */
