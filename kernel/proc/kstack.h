/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks: mapped at addresses of their own, with nothing below each.
 */
#ifndef PVK_PROC_KSTACK_H
#define PVK_PROC_KSTACK_H

#include <stdint.h>

/* Once, before the first: afterwards a stack costs its pages only. */
void kstack_prepare(void);

/* The top of a new one, or 0: no memory. */
uintptr_t kstack_alloc(void);
/* 0 is allowed. */
void kstack_free(uintptr_t top);

#endif /* PVK_PROC_KSTACK_H */
