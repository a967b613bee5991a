/* SPDX-License-Identifier: MIT */
/*
 * What core/memory.c has of C's <string.h>; a freestanding compiler has none.
 */
#ifndef PVK_STRING_H
#define PVK_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *one, const void *other, size_t bytes);
size_t strlen(const char *text);

#endif /* PVK_STRING_H */
