/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that a guest may have in its GDT and LDT: none that leads to
 * another ring than 3.
 */
#ifndef SHIM_MM_DESCRIPTOR_H
#define SHIM_MM_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

/* '*descriptor' of any privilege becomes one of 3. False: not allowed. */
bool descriptor_fix(uint64_t *descriptor);

/* All of a page; 0 or -XEN_EINVAL. */
int descriptors_check(uint64_t *page);

#endif /* SHIM_MM_DESCRIPTOR_H */
