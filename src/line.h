/* SPDX-License-Identifier: MIT */
/*
 * One line of text, built piece by piece: bounded, ASCII, no libc.
 *
 * What does not fit is left out; what is not printable becomes '?', since some
 * of it comes from a hypervisor.
 */
#ifndef PVI_LINE_H
#define PVI_LINE_H

#include <stdarg.h>

#include <x86/insn.h>

/* As long as pvops_host_log() promises. */
#define PVI_LINE_BYTES 120

struct pvi_line {
    char text[PVI_LINE_BYTES + 1]; /* always NUL-terminated */
    unsigned length;
};

static inline void pvi_line_start(struct pvi_line *line)
{
    line->text[0] = '\0';
    line->length = 0;
}

static inline void pvi_line_char(struct pvi_line *line, char c)
{
    if (line->length == PVI_LINE_BYTES)
        return;
    line->text[line->length++] = c >= ' ' && c <= '~' ? c : '?';
    line->text[line->length] = '\0';
}

/* NULL is "(null)". */
static inline void pvi_line_text(struct pvi_line *line, const char *text)
{
    if (!text)
        text = "(null)";
    while (*text)
        pvi_line_char(line, *text++);
}

/* 'base' is 10 or 16; at least 'width' digits, of 20 at most. */
static inline void pvi_line_number(struct pvi_line *line, uint64_t value,
                                   unsigned base, unsigned width)
{
    char digits[20];
    unsigned n = 0;

    do {
        uint32_t rest;

        value = x86_div(value, base, &rest);
        digits[n++] = "0123456789abcdef"[rest];
    } while (n < sizeof(digits) && (value || n < width));
    while (n > 0)
        pvi_line_char(line, digits[--n]);
}

/*
 * %s, %u, %x, %p, %llu, %llx and no width; another one is shown as it stands,
 * so that the mistake is seen.
 */
static inline void pvi_line_format(struct pvi_line *line, const char *format,
                                   va_list args)
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

#endif /* PVI_LINE_H */
