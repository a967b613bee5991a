/* SPDX-License-Identifier: MIT */
/*
 * Expectations of what is read of a recipe.
 */
#include "recipe_expect.h"

void recipe_expect_good(const struct elf_builder *elf, struct kernel_image *out)
{
    struct pvi_line why;

    if (!recipe_read_copy(elf->data, elf->size, out, &why))
        fail_msg("refused: %s", why.text);
}

void recipe_expect_refusal(const struct elf_builder *elf, const char *sentence)
{
    struct kernel_image image;
    struct pvi_line why;

    assert_false(recipe_read_copy(elf->data, elf->size, &image, &why));
    assert_string_equal(sentence, why.text);
}
