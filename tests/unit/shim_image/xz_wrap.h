/* SPDX-License-Identifier: MIT */
/*
 * An xz file around bytes that are LZMA2, or shall be taken for it.
 */
#ifndef TESTS_SHIM_IMAGE_XZ_WRAP_H
#define TESTS_SHIM_IMAGE_XZ_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    XZ_WRAP_DICTIONARY = 1 << 20,
    XZ_WRAP_BYTES = 128, /* at most, besides the content */
};

/*
 * One block without a check, whose 'size' bytes become 'unpacked', with the x86
 * filter or without. Returns how many bytes the file has.
 */
size_t xz_wrap(const uint8_t *in, size_t size, size_t unpacked, bool x86,
               uint8_t *file);

#endif /* TESTS_SHIM_IMAGE_XZ_WRAP_H */
