/* SPDX-License-Identifier: MIT */
/*
 * Edit distance: optimal string alignment, three rows of the table at a time.
 */
#include "base/nearest.h"

#include <string.h>

enum { LONGEST = 64 };

static char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b,
                       size_t b_length)
{
    size_t rows[3][LONGEST + 1] = { 0 };
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            char x = folded(a[i - 1]), y = folded(b[j - 1]);

            row[j] = smaller(above[j], row[j - 1]) + 1;
            row[j] = smaller(row[j], above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) &&
                folded(a[i - 2]) == y)
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length];
}

const char *nearest_word(const char *word, const char *const *known,
                         size_t count)
{
    size_t length = strlen(word);
    size_t limit = length / 3 > 2 ? length / 3 : 2;
    const char *near = NULL;

    if (!length || length > LONGEST)
        return NULL;
    if (limit >= length)
        limit = length - 1;
    for (size_t i = 0; i < count; i++) {
        size_t known_length = strlen(known[i]), edits;

        if (known_length > LONGEST)
            continue;
        edits = distance(word, length, known[i], known_length);
        if (edits > limit || (near && edits == limit))
            continue;
        near = known[i];
        limit = edits;
    }
    return near;
}
