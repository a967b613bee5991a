/* SPDX-License-Identifier: MIT */
/*
 * A machine of a few frames for shim/mm: which are whose, and how often all
 * translations were forgotten.
 */
#ifndef TESTS_SHIM_MM_MEMORY_H
#define TESTS_SHIM_MM_MEMORY_H

#include <stdint.h>

enum {
    FRAMES = 64,
    FRAMES_SHIMS = 4, /* the first ones */
    FRAME_DEVICE = 4, /* no RAM, below the end of it */
    FIRST_FREE = 5,   /* from here on the guest's */
    FRAME_APIC = 100, /* behind the end, the shim's own */
};

#define P  0x1ull
#define W  0x2ull
#define U  0x4ull
#define A  0x20ull
#define D  0x40ull
#define G  0x100ull
#define GK (1ull << 52)

extern unsigned flushes;

/* All cleared, nothing used. */
int memory_setup(void **state);

uint64_t *table_at(uint64_t frame);

static inline uint64_t to(uint64_t frame, uint64_t flags)
{
    return frame << 12 | flags;
}

/* Uses of a frame. */
unsigned uses(uint64_t frame);

/*
 * Tables of every level, of which each leads to the next: root, L3, L2, L1, and
 * the frame that the last maps; from 'frame' on.
 */
void chain(uint64_t frame, uint64_t flags);

#endif /* TESTS_SHIM_MM_MEMORY_H */
