/* SPDX-License-Identifier: MIT */
/*
 * The filter that makes x86 code easier to pack, undone.
 */
#ifndef UNPACK_X86_FILTER_H
#define UNPACK_X86_FILTER_H

#include <stddef.h>
#include <stdint.h>

/* In place; 'start' is what the filter took for the first byte's address. */
void unpack_x86_filter(uint8_t *bytes, size_t count, uint32_t start);

#endif /* UNPACK_X86_FILTER_H */
