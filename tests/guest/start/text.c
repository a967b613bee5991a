/* SPDX-License-Identifier: MIT */
/*
 * Formatted text on the console.
 */
#include <pvops/console.h>

#include "start.h"

/*
 * A line goes out in one piece, so that no line of Xen's comes in between;
 * only one of over 256 bytes goes out in several.
 */
struct output {
    char bytes[256];
    size_t used;
};

static void flush(struct output *output)
{
    pvops_console_write(output->bytes, output->used);
    output->used = 0;
}

static void put(struct output *output, char byte)
{
    if (output->used == sizeof(output->bytes))
        flush(output);
    output->bytes[output->used++] = byte;
}

static void put_text(struct output *output, const char *text)
{
    while (*text)
        put(output, *text++);
}

static void put_number(struct output *output, unsigned long value,
                       unsigned base, unsigned width)
{
    char digits[24];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value || n < width);
    while (n)
        put(output, digits[--n]);
}

static void put_formatted(struct output *output, const char *format,
                          va_list args)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(output, *format);
            continue;
        }
        format++;
        if (*format == 's') {
            put_text(output, va_arg(args, const char *));
        } else if (*format == 'c') {
            put(output, (char)va_arg(args, int));
        } else if (*format == 'u') {
            put_number(output, va_arg(args, unsigned), 10, 1);
        } else if (*format == 'x') {
            put_number(output, va_arg(args, unsigned), 16, 1);
        } else if (format[0] == 'l' && format[1] == 'u') {
            format++;
            put_number(output, va_arg(args, unsigned long), 10, 1);
        } else if (format[0] == '0' && format[1] == '2' && format[2] == 'x') {
            format += 2;
            put_number(output, va_arg(args, unsigned), 16, 2);
        } else {
            put_text(output, "(unknown format)");
            return;
        }
    }
}

void text_report(const char *verdict, const char *name, const char *format,
                 va_list args)
{
    struct output output;

    output.used = 0;
    put_text(&output, "PVLAB ");
    put_text(&output, verdict);
    put(&output, ' ');
    put_text(&output, name);
    if (format) {
        put(&output, ' ');
        put_formatted(&output, format, args);
    }
    put(&output, '\n');
    flush(&output);
}

void guest_text(const char *format, ...)
{
    struct output output;
    va_list args;

    output.used = 0;
    va_start(args, format);
    put_formatted(&output, format, args);
    va_end(args);
    flush(&output);
}
