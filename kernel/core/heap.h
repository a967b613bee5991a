/* SPDX-License-Identifier: MIT */
/*
 * A small heap: memory in pieces of any size.
 */
#ifndef PVK_CORE_HEAP_H
#define PVK_CORE_HEAP_H

#include <stddef.h>

/* 'bytes' bytes, aligned to 16, not zeroed; or NULL. */
void *heap_alloc(size_t bytes);
/* NULL is allowed. What was not given out, or came back already, panics. */
void heap_free(void *memory);

/*
 * Pages that are free at the heap's end go back to core/pages.c. A part of them
 * is kept otherwise.
 */
void heap_trim(void);

/*
 * Pages that the heap has from core/pages.c, and pieces that are given out: for
 * counts of what is lost.
 */
size_t heap_pages(void);
size_t heap_pieces(void);

/* Bytes of those pages that are in no piece, nor in front of one. */
size_t heap_bytes_free(void);

#endif /* PVK_CORE_HEAP_H */
