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

#endif /* PVK_CORE_HEAP_H */
