/* SPDX-License-Identifier: MIT */
/*
 * Words of the command line.
 */
#include <stddef.h>

#include "core/main.h"
#include "core/text.h"

static bool ends(char byte)
{
    return !byte || byte == ' ' || byte == '\t';
}

const char *option(const char *name)
{
    static char value[32];
    const char *word = kernel.boot.cmdline;

    while (*word) {
        const char *rest = text_after(word, name);

        if (rest && (ends(*rest) || *rest == '=')) {
            size_t used = 0;

            for (rest += *rest == '='; !ends(*rest); rest++) {
                if (used < sizeof(value) - 1)
                    value[used++] = *rest;
            }
            value[used] = '\0';
            return value;
        }
        while (!ends(*word))
            word++;
        while (*word && ends(*word))
            word++;
    }
    return NULL;
}
