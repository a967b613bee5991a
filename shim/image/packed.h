/* SPDX-License-Identifier: MIT */
/*
 * A kernel's ELF out of what it was packed in: a bzImage, or gzip alone.
 *
 * Errors: false, and 'why' is one sentence that names the place.
 */
#ifndef SHIM_IMAGE_PACKED_H
#define SHIM_IMAGE_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"
#include "unpack.h"

struct kernel_packed {
    const uint8_t *bytes; /* in the file */
    size_t size;
    unsigned method;       /* packed.c's own */
    const char *name;      /* "gzip", "xz", "lzma", "lz4", "zstd" */
    size_t unpacked_bytes; /* what it says; nothing has been unpacked yet */
};

/* By its first bytes. What is not packed may go to kernel_image_read(). */
bool kernel_is_packed(const uint8_t *file, size_t file_bytes);

/* Find what is packed, by which method and how large it will be. */
bool kernel_packed_read(const uint8_t *file, size_t file_bytes,
                        struct kernel_packed *out, struct pvi_line *why);

/*
 * Unpack it to 'out', of packed->unpacked_bytes: it is neither longer nor
 * shorter, and the sum that its format has is compared. 'out' must not overlap
 * the file. After a failure 'out' holds part of it.
 */
bool kernel_unpack(const struct kernel_packed *packed, struct unpack_work *work,
                   uint8_t *out, struct pvi_line *why);

#endif /* SHIM_IMAGE_PACKED_H */
