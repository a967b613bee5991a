/* SPDX-License-Identifier: MIT */
/*
 * Expectations that the tests of image share.
 */
#include "image_expect.h"

#include <stdlib.h>
#include <string.h>

bool image_parse_copy(const void *bytes, size_t size, struct image *out_image,
                      char why[IMAGE_WHY_BYTES])
{
    uint8_t *copy = malloc(size + 1);
    bool ok;

    assert_non_null(copy);
    memcpy(copy + 1, bytes, size);
    ok = image_parse(copy + 1, size, out_image, why);
    free(copy);
    if (ok)
        assert_int_not_equal(0, out_image->doors);
    else
        assert_true(why[0] && strlen(why) < IMAGE_WHY_BYTES - 1);
    return ok;
}

void image_expect_doors(const struct elf_builder *elf, unsigned doors,
                        struct image *out_image)
{
    char why[IMAGE_WHY_BYTES];

    if (!image_parse_copy(elf->data, elf->size, out_image, why))
        fail_msg("refused: %s", why);
    assert_int_equal(doors, out_image->doors);
    assert_int_equal(IMAGE_ELF, out_image->format);
    assert_int_equal(elf->is64 ? 64 : 32, out_image->bits);
}

void image_expect_refusal(const void *bytes, size_t size, const char *sentence)
{
    char why[IMAGE_WHY_BYTES];
    struct image image;

    if (image_parse_copy(bytes, size, &image, why))
        fail_msg("taken instead of: %s", sentence);
    assert_string_equal(sentence, why);
}
