/* SPDX-License-Identifier: MIT */
/*
 * Words of guests, made fit to be shown: a guest may print anything, and
 * nothing of it may steer a terminal or break a document.
 */
#ifndef LAB_REPORT_TEXT_H
#define LAB_REPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What becomes of a character that is not wanted. */
enum text_for {
    TEXT_UTF8,     /* bytes that are no UTF-8: U+FFFD. All else stays */
    TEXT_XML,      /* those, controls and what has no shape: U+FFFD */
    TEXT_TERMINAL, /* the same: '?' */
    TEXT_ASCII,    /* all but printable ASCII: '?' (one byte, one column) */
    TEXT_TAP,      /* as TEXT_TERMINAL, but as \xNN; '#' and '\' escaped */
};

/*
 * A fresh copy of 'text' for that use, of at most 'limit' bytes: a longer one
 * ends in "...". 'limit' is at least 3; 0 means no limit.
 */
char *text_clean(const char *text, enum text_for use, size_t limit);

enum { TEXT_BAD = -1 };

/*
 * The code point at *text, which is moved on behind it; TEXT_BAD for one byte
 * that begins no character. *text must not be at the end.
 *
 * Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
 */
int32_t text_next(const char **text);

#endif /* LAB_REPORT_TEXT_H */
