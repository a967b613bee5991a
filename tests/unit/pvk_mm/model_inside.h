/* SPDX-License-Identifier: MIT */
/*
 * Between the model's files.
 */
#ifndef MODEL_INSIDE_H
#define MODEL_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_ADDRESS UINT64_C(0x000ffffffffff000)

struct model_page {
    bool used;
    unsigned level; /* as which it was given, or 0 */
    /* Entries of given tables: that map it, that lead to it as to a table. */
    int mapped, pointed;
};
extern struct model_page model_pages[];

/* model_memory.c */
void model_memory_setup(void);

/* model_cpu.c: a TLB that has nothing. */
void model_cpu_setup(void);
/* So many pages, or all. */
#define MODEL_ALL SIZE_MAX
void model_forget(uint64_t address, size_t pages);
uint64_t model_active_root(void);

#endif /* MODEL_INSIDE_H */
