/* SPDX-License-Identifier: MIT */
/*
 * The sum of zstd.
 */
#ifndef UNPACK_XXH64_H
#define UNPACK_XXH64_H

#include <stddef.h>
#include <stdint.h>

/* With seed 0. */
uint64_t unpack_xxh64(const uint8_t *bytes, size_t count);

#endif /* UNPACK_XXH64_H */
