/* SPDX-License-Identifier: MIT */
/*
 * The sentence that says why something is refused.
 */
#ifndef SHIM_IMAGE_WHY_H
#define SHIM_IMAGE_WHY_H

#include <stdbool.h>

#include "line.h"

/* Always false; the conversions are those of pvi_line_format(). */
__attribute__((format(printf, 2, 3))) static inline bool
refuse(struct pvi_line *why, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    pvi_line_format(why, format, args);
    va_end(args);
    return false;
}

/* For %llu and %llx. */
static inline unsigned long long wide(uint64_t value)
{
    return value;
}

#endif /* SHIM_IMAGE_WHY_H */
