/* SPDX-License-Identifier: MIT */
/*
 * Expectations that the tests of image share, and cmocka with what it needs.
 */
#ifndef TESTS_IMAGE_EXPECT_H
#define TESTS_IMAGE_EXPECT_H

#include "elf_builder.h"
#include "image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * image_parse() of a copy that begins at an odd address and ends where its
 * allocation ends, so that the sanitizer sees each byte too many.
 */
bool image_parse_copy(const void *bytes, size_t size, struct image *out_image,
                      char why[IMAGE_WHY_BYTES]);

/* The ELF is taken, with these doors and its own width. */
void image_expect_doors(const struct elf_builder *elf, unsigned doors,
                        struct image *out_image);

/* The bytes are refused with this sentence. */
void image_expect_refusal(const void *bytes, size_t size, const char *sentence);

#endif /* TESTS_IMAGE_EXPECT_H */
