/* SPDX-License-Identifier: MIT */
/*
 * The shim's own part of every address space; and memory that it takes for
 * itself before there is a guest.
 */
#ifndef SHIM_BOOT_MAP_H
#define SHIM_BOOT_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Entries of page tables: global, and never executable but for text. */
#define MAP_READ 0x8000000000000121ull
#define MAP_DATA 0x8000000000000163ull

/* Machine addresses: a page of zeros, and the shim's own root. */
extern uint64_t map_zero_page;
extern uint64_t map_root;

/* Memory that memory_take() hands out, from a machine address on. */
void memory_reserve(uint64_t begin, uint64_t bytes);
/* Cleared, aligned to a page; its machine address. */
uint64_t memory_take(uint64_t bytes);

/*
 * Build it for memory up to 'ram_end', with the areas of 'cpus' CPUs, and load
 * it on this one. m2p_machine is set already.
 */
void map_build(uint64_t ram_end, uint64_t m2p_bytes, unsigned cpus);

/* Device registers; there is no way back. */
void *map_device(uint64_t machine, size_t bytes);

/* The entry of page 'page' of a CPU's descriptor tables: SHIM_TABLES. */
uint64_t *map_tables_entry(unsigned cpu, unsigned page);

#endif /* SHIM_BOOT_MAP_H */
