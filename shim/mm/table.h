/* SPDX-License-Identifier: MIT */
/*
 * The rules of a guest's page tables, which are Xen's: docs/shim.md.
 */
#ifndef SHIM_MM_TABLE_H
#define SHIM_MM_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum { TABLE_ENTRIES = 512 };

/* What the slots SHIM_SLOT_FIRST to SHIM_SLOT_LAST of each root hold. */
extern uint64_t table_shim_slots[16];

/*
 * All entries of a frame that becomes a table of 'level'. 0, or -XEN_E*: then
 * no use was counted. Called by frame_get() alone, as table_release() is by
 * frame_put().
 */
int table_check(uint64_t frame, unsigned level);
void table_release(uint64_t frame, unsigned level);

/*
 * Store an entry of a table. 'keep_ad': accessed and dirty bits are kept if
 * the CPU has set them. 0, or -XEN_E*: then it is as it was.
 */
int table_store(uint64_t frame, unsigned index, uint64_t value, bool keep_ad);

/* The same of a table of level 1. */
int table_store_l1(uint64_t *at, uint64_t value, bool keep_ad);

/*
 * The entry of level 1 for 'address' under 'root', which is a validated one;
 * NULL if there is no table.
 */
uint64_t *table_find(uint64_t root, uint64_t address);

/*
 * Whether the machine-to-physical table is in a root: not in one of user mode.
 * Xen does so for a guest that asks for it, by VMASST_TYPE_m2p_strict.
 */
void table_show_m2p(uint64_t root, bool show);

#endif /* SHIM_MM_TABLE_H */
