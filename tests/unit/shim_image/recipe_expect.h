/* SPDX-License-Identifier: MIT */
/*
 * Expectations of what is read of a recipe, and cmocka with what it needs.
 */
#ifndef TESTS_SHIM_IMAGE_RECIPE_EXPECT_H
#define TESTS_SHIM_IMAGE_RECIPE_EXPECT_H

#include "recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#ifndef COUNT
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* It is taken, or refused with this sentence. */
void recipe_expect_good(const struct elf_builder *elf,
                        struct kernel_image *out);
void recipe_expect_refusal(const struct elf_builder *elf, const char *sentence);

#endif /* TESTS_SHIM_IMAGE_RECIPE_EXPECT_H */
