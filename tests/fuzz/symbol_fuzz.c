/* SPDX-License-Identifier: MIT */
/*
 * image_symbol(): whatever the bytes, the answer is a value or a sentence.
 *
 * Input: a name, a NUL, and the file; without NUL the name is "_text".
 * Seeds: tests/fuzz/corpus/symbol and tests/fuzz/symbol_seeds.c.
 */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
    const char *name = "_text";
    char why[IMAGE_WHY_BYTES];
    uint64_t value;
    uint8_t *copy;

    if (end) {
        name = (const char *)data;
        size -= (size_t)(end + 1 - data);
        data = end + 1;
    }
    copy = malloc(size + 1);
    require(copy);
    /* At an odd address, and ended by the allocation's end. */
    memcpy(copy + 1, data, size);
    if (!image_symbol(copy + 1, size, name, &value, why)) {
        size_t length = strnlen(why, IMAGE_WHY_BYTES);

        require(length > 0 && length < IMAGE_WHY_BYTES);
    }
    free(copy);
    return 0;
}
