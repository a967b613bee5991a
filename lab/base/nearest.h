/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean ...": the known word closest to a mistyped one.
 */
#ifndef LAB_BASE_NEAREST_H
#define LAB_BASE_NEAREST_H

#include <stddef.h>

/*
 * The word in 'known' with the smallest edit distance to 'word', or NULL if
 * none is within a third of its length (at least 2, but less than all of it).
 * Of equals, the first. Insertion, deletion, change of a letter and the swap
 * of two neighbours count 1 each; case, and '-' for '_', count nothing. Words
 * of more than 64 bytes are near to none.
 */
const char *nearest_word(const char *word, const char *const *known,
                         size_t count);

#endif /* LAB_BASE_NEAREST_H */
