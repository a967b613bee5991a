/* SPDX-License-Identifier: MIT */
/*
 * Argument vectors and the strings in them.
 */
#include "base/args.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"

static void push(struct args *args, char *text)
{
    if (args->count + 2 > args->room) {
        args->room = args->room ? args->room * 2 : 32;
        args->v = realloc(args->v, args->room * sizeof(*args->v));
        if (!args->v)
            err(VERDICT_ERROR, "out of memory");
    }
    args->v[args->count++] = text;
    args->v[args->count] = NULL;
}

static char *format_new(const char *format, va_list list)
{
    char *text;

    if (vasprintf(&text, format, list) < 0)
        err(VERDICT_ERROR, "out of memory");
    return text;
}

char *text_new(const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = format_new(format, list);
    va_end(list);
    return text;
}

void args_add(struct args *args, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    push(args, format_new(format, list));
    va_end(list);
}

void args_add_all(struct args *args, ...)
{
    const char *text;
    va_list list;

    va_start(list, args);
    while ((text = va_arg(list, const char *)))
        push(args, text_new("%s", text));
    va_end(list);
}

char *args_commas(const char *text)
{
    char *out = malloc(2 * strlen(text) + 1);
    char *p = out;

    if (!out)
        err(VERDICT_ERROR, "out of memory");
    for (; *text; text++) {
        *p++ = *text;
        if (*text == ',')
            *p++ = ',';
    }
    *p = '\0';
    return out;
}

void args_free(struct args *args)
{
    for (size_t i = 0; i < args->count; i++)
        free(args->v[i]);
    free(args->v);
    *args = (struct args){ 0 };
}
