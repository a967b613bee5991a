/* SPDX-License-Identifier: MIT */
/*
 * A ROM of the 64-bit profile in this process, as a kernel has it: a copy that
 * nobody can write to, the state directly behind it. Instructions that a
 * program may not execute are skipped, with 0 as their result.
 */
#ifndef ROM64_H
#define ROM64_H

#include <stddef.h>
#include <stdint.h>

#include "vmi_image.h"

enum { ROM64_LINES = 100 };

/* One ROM, as a kernel has it before Init. */
struct rom64 {
    uint8_t *copy;
    size_t bytes, state_bytes;
    struct pvi_rom_image image;
    struct vmi64_init init;
};

/* What the ROM logged since the last rom64_load(). */
extern unsigned rom64_lines;
extern char rom64_text[ROM64_LINES][121];

/* build/rom/NAME.rom; the calls below run the one that was loaded last. */
void rom64_load(struct rom64 *m, const char *name);
void rom64_unload(struct rom64 *m);

/* VMI_Init with m->init, and GetRelocationInfo. */
uint32_t rom64_init(struct rom64 *m);
struct vmi64_relocation rom64_ask(const struct rom64 *m, uint32_t call);

/* Give way to 'm', which was loaded before another. */
void rom64_run(const struct rom64 *m);

#endif /* ROM64_H */
