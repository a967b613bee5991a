/* SPDX-License-Identifier: MIT */
/*
 * Formatted text.
 */
#include "core/text.h"

#include <stdint.h>

#include "core/divide.h"

struct output {
    char *bytes;
    size_t room; /* for all but the NUL */
    size_t used;
};

static void put(struct output *output, char byte)
{
    if (output->used < output->room)
        output->bytes[output->used++] = byte;
}

static void put_text(struct output *output, const char *text)
{
    while (*text)
        put(output, *text++);
}

static void put_number(struct output *output, uint64_t value, unsigned base,
                       unsigned width)
{
    char digits[20];
    unsigned count = 0;

    if (width > sizeof(digits))
        width = sizeof(digits);
    do {
        uint32_t digit;

        value = divide(value, base, &digit);
        digits[count++] = "0123456789abcdef"[digit];
    } while (value || count < width);
    while (count)
        put(output, digits[--count]);
}

/* One conversion, as read from the format behind its '%'. */
struct conversion {
    unsigned width;
    unsigned longs; /* l's; z and p count as one, a long has its size */
    char letter;
};

static const char *read_conversion(const char *format,
                                   struct conversion *conversion)
{
    *conversion = (struct conversion){ 0 };
    for (; *format >= '0' && *format <= '9'; format++)
        conversion->width = conversion->width * 10 + (unsigned)(*format - '0');
    for (; *format == 'l' || *format == 'z'; format++)
        conversion->longs++;
    conversion->letter = *format;
    return *format ? format + 1 : format;
}

static void put_signed(struct output *output, int64_t value, unsigned width)
{
    if (value < 0) {
        put(output, '-');
        put_number(output, -(uint64_t)value, 10, width);
    } else {
        put_number(output, (uint64_t)value, 10, width);
    }
}

size_t text_format(char *out, size_t room, const char *format, va_list args)
{
    struct output output = { out, room - 1, 0 };

    while (*format) {
        struct conversion how;
        uint64_t value;

        if (*format != '%') {
            put(&output, *format++);
            continue;
        }
        format = read_conversion(format + 1, &how);
        switch (how.letter) {
        case 's':
            put_text(&output, va_arg(args, const char *));
            break;
        case 'c':
            put(&output, (char)va_arg(args, int));
            break;
        case 'd':
            put_signed(&output,
                       how.longs == 2   ? va_arg(args, long long)
                       : how.longs == 1 ? va_arg(args, long)
                                        : va_arg(args, int),
                       how.width);
            break;
        case 'u':
        case 'x':
            value = how.longs == 2   ? va_arg(args, unsigned long long)
                    : how.longs == 1 ? va_arg(args, unsigned long)
                                     : va_arg(args, unsigned);
            put_number(&output, value, how.letter == 'u' ? 10 : 16, how.width);
            break;
        case 'p':
            put_text(&output, "0x");
            put_number(&output, (uintptr_t)va_arg(args, void *), 16, how.width);
            break;
        default:
            put(&output, how.letter);
        }
    }
    out[output.used] = '\0';
    return output.used;
}

bool text_equal(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

const char *text_after(const char *text, const char *prefix)
{
    while (*prefix) {
        if (*text++ != *prefix++)
            return NULL;
    }
    return text;
}

bool text_has(const char *text, const char *part)
{
    for (; *text; text++) {
        if (text_after(text, part))
            return true;
    }
    return false;
}
