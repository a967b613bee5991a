/* SPDX-License-Identifier: MIT */
/*
 * Formatted text on the console.
 *
 * A line goes out in one piece, so that no line of Xen's comes in between.
 */
#include "core/text.h"

#include <pvops/console.h>

#include "start.h"

/* A whole command line and what is said of it. */
enum { ROOM = 4096 };

void text_report(const char *verdict, const char *name, const char *format,
                 va_list args)
{
    char reason[ROOM / 2] = "";

    if (format)
        text_format(reason, sizeof(reason), format, args);
    guest_text("PVLAB %s %s%s%s\n", verdict, name, format ? " " : "", reason);
}

void guest_text(const char *format, ...)
{
    char text[ROOM];
    va_list args;
    size_t bytes;

    va_start(args, format);
    bytes = text_format(text, sizeof(text), format, args);
    va_end(args);
    pvops_console_write(text, bytes);
}
