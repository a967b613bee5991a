/* SPDX-License-Identifier: MIT */
/*
 * What a kernel file is, and by which doors it can be entered.
 *
 * Everything here reads untrusted bytes: no offset or length of the file is
 * believed before it has been checked against the file's size, and the work
 * done is bounded by that size.
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

/*
 * Doors into a kernel; a bit mask.
 *
 * Which loader takes which: QEMU's -kernel takes Multiboot1 unless the ELF is
 * for x86-64 and has no multiboot1_address_fields, and looks at it before PVH:
 * an x86-64 ELF with both is refused. It takes PVH of an ELF32 or ELF64. Xen
 * takes PVH of both, and PV where it was built for it: a 32-bit PV kernel has
 * DOOR_XEN_PV and bits 32, and Debian's Xen (CONFIG_PV32 off) refuses it.
 * Multiboot2 needs GRUB or the like.
 */
enum {
    DOOR_PVH = 1 << 0,        /* ELF note XEN_ELFNOTE_PHYS32_ENTRY */
    DOOR_MULTIBOOT1 = 1 << 1, /* header magic 0x1badb002 in 8 KiB */
    DOOR_MULTIBOOT2 = 1 << 2, /* header magic 0xe85250d6 in 32 KiB */
    DOOR_XEN_PV = 1 << 3,     /* Xen's ELF notes, or section __xen_guest */
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
    int bits;           /* ELF: 32 or 64; bzImage: 64 if its header says so */
    bool i386;          /* ELF: e_machine is EM_386; bits may be 64 */
    uint64_t entry;     /* ELF e_entry */
    uint64_t pvh_entry; /* physical; valid with DOOR_PVH */
    uint64_t xen_entry; /* virtual; valid with DOOR_XEN_PV */
    uint64_t virt_base; /* XEN_ELFNOTE_VIRT_BASE, 0 if absent */
    size_t range_count; /* PT_LOAD segments, as many as fit */
    struct image_range ranges[IMAGE_MAX_RANGES];

    /* DOOR_MULTIBOOT1: the header gives load addresses ("a.out kludge"). */
    bool multiboot1_address_fields;
    /*
     * DOOR_PVH: QEMU 7.2's -kernel does not find the note, though Xen does. It
     * looks at PT_NOTE segments only, and takes their p_align for the padding
     * of notes: with 8 or more it says "without PVH ELF Note", with 0 it dies
     * of a division by zero (both tried).
     */
    bool pvh_hidden_from_qemu;
    bool qcow2; /* IMAGE_DISK: not raw */

    /* IMAGE_BZIMAGE: the packed kernel inside; payload_bytes 0: none. */
    uint64_t payload_offset; /* from the file's start */
    uint64_t payload_bytes;
};

enum { IMAGE_WHY_BYTES = 160 };

/*
 * Recognise 'bytes'. Of a bzImage only the header is read; see
 * image_parse_payload().
 *
 * Errors: false, with one sentence in 'why' that says what the file is or
 *         where it is damaged ("ELF: program header 3 lies beyond the end of
 *         the file (offset 4096, file 1000 bytes)"). An ELF without any door
 *         is an error too: "ELF has no boot note: neither PVH, Multiboot nor
 *         Xen".
 */
bool image_parse(const void *bytes, size_t size, struct image *out_image,
                 char why[IMAGE_WHY_BYTES]);

/* image_parse() of a file, mapped; 'why' names no path. */
bool image_open(const char *path, struct image *out_image,
                char why[IMAGE_WHY_BYTES]);

/*
 * Unpack the ELF that a bzImage carries and add what Xen, which unpacks it
 * too, finds there: DOOR_PVH, DOOR_XEN_PV, the entries, virt_base, bits and
 * ranges. 'image' comes from image_parse() of the same bytes. An image that
 * is no bzImage stays as it is, and the answer is true.
 *
 * Takes 0.6 s for Debian's kernel (8 MB of xz), hence apart: only the Xen
 * platforms need it.
 *
 * Errors: false, with a sentence; 'image' stays as it was, and the bzImage
 *         can still be entered by its other doors.
 */
bool image_parse_payload(const void *bytes, size_t size, struct image *image,
                         char why[IMAGE_WHY_BYTES]);

/* image_open(), then image_parse_payload(); false if either fails. */
bool image_open_payload(const char *path, struct image *out_image,
                        char why[IMAGE_WHY_BYTES]);

/*
 * Value of a symbol in an ELF's symbol table or a System.map text. A global
 * symbol is preferred to a local one of the same name.
 *
 * Errors: false, with a sentence in 'why' (no symbol table, no such symbol,
 *         several local ones at different addresses).
 */
bool image_symbol(const void *bytes, size_t size, const char *name,
                  uint64_t *out_value, char why[IMAGE_WHY_BYTES]);

/* "PVH, Multiboot1": the doors' names, for messages; 'text' is returned. */
char *image_doors_text(unsigned doors, char *text, size_t size);

/* "ELF", "bzImage", "ISO", "disk image". */
const char *image_format_name(enum image_format format);

#endif /* LAB_IMAGE_H */
