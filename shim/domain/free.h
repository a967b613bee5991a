/* SPDX-License-Identifier: MIT */
/*
 * Runs of free frames (FRAME_FREE), aligned to their size. mm_lock is held.
 */
#ifndef SHIM_DOMAIN_FREE_H
#define SHIM_DOMAIN_FREE_H

#include <stdbool.h>
#include <stdint.h>

#include "mm/frame.h"

#define FREE_NONE UINT64_MAX

/* All of them the guest's and without a use, so that they can be given away. */
bool free_can_be(uint64_t frame, uint64_t count);

/* How they are used last is kept: see frame.c. */
void free_set(uint64_t frame, uint64_t count, enum frame_owner owner);

/* 2^order frames below 'end', 'wish' if they are free; FREE_NONE: none are. */
uint64_t free_find(unsigned order, uint64_t end, uint64_t wish);

#endif /* SHIM_DOMAIN_FREE_H */
