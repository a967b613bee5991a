/* SPDX-License-Identifier: MIT */
/*
 * Formatted text.
 */
#ifndef PVK_CORE_TEXT_H
#define PVK_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Knows %s %c %d %u %x %p and %%, the lengths l, ll and z, and a width that is
 * filled up with zeros ("%016llx"). Returns the length without the NUL; what
 * does not fit is cut off.
 */
__attribute__((format(printf, 3, 0))) size_t
text_format(char *out, size_t room, const char *format, va_list args);

bool text_equal(const char *one, const char *other);
/* What follows 'prefix' in 'text', or NULL if it does not begin so. */
const char *text_after(const char *text, const char *prefix);
/* Whether 'part' is somewhere in 'text'. */
bool text_has(const char *text, const char *part);

#endif /* PVK_CORE_TEXT_H */
