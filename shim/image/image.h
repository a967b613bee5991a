/* SPDX-License-Identifier: MIT */
/*
 * What a domain builder must know of a kernel: from the bytes of an ELF for
 * 64-bit Xen PV to the places of its parts. Nothing is written but *out.
 *
 * A kernel packed as bzImage is unpacked first: unpack.h.
 *
 * Errors: false, and 'why' is one sentence that names the place.
 */
#ifndef SHIM_IMAGE_IMAGE_H
#define SHIM_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

enum {
    KERNEL_SEGMENTS = 16,  /* Linux has 4 */
    KERNEL_NAME_BYTES = 32 /* of a text that is only shown */
};

/* An address that the kernel did not give. */
#define KERNEL_UNSET UINT64_MAX

/*
 * Copy file_bytes from file_offset of the file to 'physical', and clear what is
 * left of 'bytes'.
 */
struct kernel_segment {
    uint64_t file_offset;
    uint64_t file_bytes;
    uint64_t physical; /* pseudo-physical; may be unaligned */
    uint64_t bytes;    /* not 0, and at least file_bytes */
    uint32_t flags;    /* PF_* of abi/elf.h; Xen maps all of it writable */
};

struct kernel_image {
    /*
     * Virtual address of pseudo-physical 0, page aligned. A pseudo-physical
     * address is virt_base below its virtual one everywhere in the image.
     */
    uint64_t virt_base;
    uint64_t virt_start; /* of the first segment's first byte */
    uint64_t virt_end;   /* behind the last segment's last byte */
    uint64_t entry;      /* virtual, in a segment */
    /* Virtual, page aligned, the whole page in the image; or KERNEL_UNSET. */
    uint64_t hypercall_page;
    /* Virtual, page aligned, outside the image; or KERNEL_UNSET. */
    uint64_t init_p2m;
    uint64_t hv_start_low; /* KERNEL_UNSET; no use in 64 bits */

    /* Sorted by address; none over another. */
    struct kernel_segment segments[KERNEL_SEGMENTS];
    unsigned segment_count;

    /* Bits: 1u << XENFEAT_*. What is required is supported as well. */
    uint32_t features_required;
    uint32_t features_supported;
    /*
     * The kernel has the note SUPPORTED_FEATURES: Xen then takes it for a dom0
     * only if XENFEAT_dom0 is in features_supported.
     */
    bool tells_supported;
    bool mod_start_pfn; /* the initrd may be left unmapped */
    bool suspend_cancel;
    bool bsd_symtab; /* wants its symbols behind its last segment */

    /* To be shown: "" if it said none. */
    char guest_os[KERNEL_NAME_BYTES];
    char guest_version[KERNEL_NAME_BYTES];
};

/*
 * Read the kernel in 'file'. 'features' is what a kernel may require, as bits
 * 1u << XENFEAT_*: not the same as what XENVER_get_features tells. Linux
 * requires writable_page_tables, which Xen does not tell to a PV domain, and
 * for which it emulates the stores.
 *
 * What Xen refuses is refused, and an entry between two segments, segments over
 * each other, and an image that is not wholly in canonical addresses besides.
 */
bool kernel_image_read(const uint8_t *file, size_t file_bytes,
                       uint32_t features, struct kernel_image *out,
                       struct pvi_line *why);

#endif /* SHIM_IMAGE_IMAGE_H */
