/* SPDX-License-Identifier: MIT */
/*
 * All memory as the shim sees it: by its machine address, whoever's it is.
 */
#ifndef SHIM_MM_MEMORY_H
#define SHIM_MM_MEMORY_H

#include <stdint.h>

#include "layout.h"

#ifdef SHIM_ON_HOST
/* tests/unit/shim: memory that is none. */
extern uint8_t *memory_begin;
#define MEMORY_BEGIN ((uintptr_t)memory_begin)
#else
#define MEMORY_BEGIN SHIM_DIRECT
#endif

/* Where the machine-to-physical table is; entries of 8 bytes. */
extern uint64_t m2p_machine;

static inline void *memory_at(uint64_t machine)
{
    return (void *)(MEMORY_BEGIN + machine);
}

static inline void *memory_frame(uint64_t frame)
{
    return memory_at(frame << PAGE_BITS);
}

static inline uint64_t memory_machine(const void *at)
{
    return (uintptr_t)at - MEMORY_BEGIN;
}

#endif /* SHIM_MM_MEMORY_H */
