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

static const char *next_word(const char *word)
{
    while (!ends(*word))
        word++;
    while (*word && ends(*word))
        word++;
    return word;
}

const char *option(const char *name)
{
    static char value[72];
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
        word = next_word(word);
    }
    return NULL;
}

/* "name=value", the name without a point, as Linux has it; its length, or 0. */
static size_t foreign(const char *word)
{
    static const char *const own[] = { "backend=", "cpus=",   "damage=",
                                       "ram=",     "report=", "restart=",
                                       "rom=",     "smp-" };
    size_t name = 0, length = 0;

    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (text_after(word, own[i]))
            return 0;
    }
    while (!ends(word[name]) && word[name] != '=' && word[name] != '.')
        name++;
    if (!name || word[name] != '=')
        return 0;
    while (!ends(word[length]))
        length++;
    return length;
}

const char *option_foreign(const char *last, size_t *out_length)
{
    const char *word = last ? next_word(last) : kernel.boot.cmdline;

    for (; *word; word = next_word(word)) {
        *out_length = foreign(word);
        if (*out_length)
            return word;
    }
    return NULL;
}
