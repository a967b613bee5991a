/* SPDX-License-Identifier: MIT */
/*
 * Cleaning of text that a guest may have chosen.
 */
#include "report/text.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"

enum { REPLACEMENT = 0xfffd, LONGEST = 12 };

int32_t text_next(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    unsigned low = 0x80, high = 0xbf, more;
    int32_t point;

    (*text)++;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        more = 1;
        point = p[0] & 0x1f;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        more = 2;
        point = p[0] & 0x0f;
        if (p[0] == 0xe0)
            low = 0xa0; /* shorter forms exist below */
        if (p[0] == 0xed)
            high = 0x9f; /* surrogates above */
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        more = 3;
        point = p[0] & 0x07;
        if (p[0] == 0xf0)
            low = 0x90;
        if (p[0] == 0xf4)
            high = 0x8f; /* U+10FFFF is the last */
    } else {
        return TEXT_BAD;
    }
    for (unsigned i = 1; i <= more; i++) {
        if (p[i] < low || p[i] > high)
            return TEXT_BAD; /* the end's NUL as well */
        point = point << 6 | (p[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *text += more;
    return point;
}

static bool is_control(int32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

/*
 * Characters without a shape that change how others are shown: directions,
 * joiners, separators of lines, tags.
 *
 * Source: Unicode 15, general categories Cf, Zl and Zp.
 */
static bool is_invisible(int32_t point)
{
    return point == 0xad || (point >= 0x600 && point <= 0x605) ||
           point == 0x61c || point == 0x6dd || point == 0x70f ||
           point == 0x180e || (point >= 0x200b && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xfff9 && point <= 0xfffb) ||
           (point >= 0xe0000 && point <= 0xe0fff);
}

/* The last two of each plane; XML 1.0 forbids U+FFFE and U+FFFF. */
static bool is_noncharacter(int32_t point)
{
    return (point & 0xfffe) == 0xfffe;
}

static size_t put_point(char *out, int32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* One character for that use; 'byte' is its first. Returns its length. */
static size_t put_clean(char out[LONGEST], int32_t point, unsigned char byte,
                        enum text_for use)
{
    bool bad = point == TEXT_BAD;
    bool hidden = bad || is_control(point) || is_invisible(point) ||
                  is_noncharacter(point);

    switch (use) {
    case TEXT_UTF8:
        return put_point(out, bad ? REPLACEMENT : point);
    case TEXT_XML:
        return put_point(out, hidden ? REPLACEMENT : point);
    case TEXT_TERMINAL:
        return put_point(out, hidden ? '?' : point);
    case TEXT_ASCII:
        return put_point(out, hidden || point > 0x7e ? '?' : point);
    case TEXT_TAP:
        if (hidden)
            return (size_t)snprintf(out, LONGEST, "\\x%02x",
                                    bad ? byte : (unsigned)point);
        if (point == '#' || point == '\\')
            return (size_t)snprintf(out, LONGEST, "\\%c", (char)point);
        return put_point(out, point);
    }
    return 0;
}

char *text_clean(const char *text, enum text_for use, size_t limit)
{
    size_t room = strlen(text) * LONGEST + 1, used = 0, fits = 0;
    char *clean = malloc(limit && limit < room ? limit + 1 : room);

    if (!clean)
        err(VERDICT_ERROR, "out of memory");
    while (*text) {
        char piece[LONGEST];
        unsigned char byte = (unsigned char)*text;
        size_t bytes = put_clean(piece, text_next(&text), byte, use);

        if (limit && used + bytes > limit) {
            memcpy(clean + fits, "...", 3);
            used = fits + 3;
            break;
        }
        memcpy(clean + used, piece, bytes);
        used += bytes;
        if (used + 3 <= limit)
            fits = used;
    }
    clean[used] = '\0';
    return clean;
}
