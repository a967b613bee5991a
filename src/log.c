/* SPDX-License-Identifier: MIT */
/*
 * Log lines and the last words of a panic, formatted for the host functions.
 */
#include "internal.h"

#include <stdarg.h>

#include "line.h"

/*
 * internal.h names the conversions; another one is shown as it stands, so that
 * the mistake is seen in the log.
 */
static void format_line(struct pvi_line *line, const char *format, va_list args)
{
    pvi_line_start(line);
    for (; *format; format++) {
        if (*format != '%') {
            pvi_line_char(line, *format);
        } else if (format[1] == 's') {
            pvi_line_text(line, va_arg(args, const char *));
            format += 1;
        } else if (format[1] == 'u' || format[1] == 'x') {
            pvi_line_number(line, va_arg(args, unsigned),
                            format[1] == 'u' ? 10 : 16, 1);
            format += 1;
        } else if (format[1] == 'p') {
            pvi_line_text(line, "0x");
            pvi_line_number(line, (uintptr_t)va_arg(args, void *), 16, 1);
            format += 1;
        } else if (format[1] == 'l' && format[2] == 'l' &&
                   (format[3] == 'u' || format[3] == 'x')) {
            pvi_line_number(line, va_arg(args, unsigned long long),
                            format[3] == 'u' ? 10 : 16, 1);
            format += 3;
        } else {
            pvi_line_char(line, '%');
        }
    }
}

void pvi_log(enum pvops_log_level level, const char *format, ...)
{
    struct pvi_line line;
    va_list args;

    va_start(args, format);
    format_line(&line, format, args);
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
    format_line(&line, format, args);
    va_end(args);
    pvops_host_panic(line.text);
}
