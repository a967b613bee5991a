/* SPDX-License-Identifier: MIT */
/*
 * Log lines and the last words of a panic, formatted for the host functions.
 */
#include "internal.h"

#include <stdarg.h>

#include "line.h"

void pvi_log(enum pvops_log_level level, const char *format, ...)
{
    struct pvi_line line;
    va_list args;

    va_start(args, format);
    pvi_line_format(&line, format, args);
    va_end(args);
    pvops_host_log(level, line.text);
}

void pvi_log_missing(const char *name, const uint32_t *words,
                     const uint8_t *bits, unsigned count, const char *texts)
{
    for (unsigned i = 0; i < count; i++) {
        if (!(words[bits[i] / 32] >> bits[i] % 32 & 1))
            pvi_log(PVOPS_LOG_INFO, "%s: no %s", name, texts);
        while (*texts++)
            ;
    }
}

void pvi_panic(const char *format, ...)
{
    struct pvi_line line;
    va_list args;

    va_start(args, format);
    pvi_line_format(&line, format, args);
    va_end(args);
    pvops_host_panic(line.text);
}
