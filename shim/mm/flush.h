/* SPDX-License-Identifier: MIT */
/*
 * Forgotten translations: here, and on other CPUs.
 */
#ifndef SHIM_MM_FLUSH_H
#define SHIM_MM_FLUSH_H

#include <stdint.h>

#define FLUSH_EVERYTHING UINT64_MAX /* in place of an address */

/* Counts flushes of everything on every CPU. */
extern uint16_t flush_epoch;

/* Also what is global. */
void flush_here(void);
void flush_page_here(uint64_t address);

/* On the VCPUs of a set of bits, of which this may be one. */
void flush_on(uint32_t vcpus, uint64_t address);
void flush_everywhere(void);

/* Load 'root', and forget what the last one left, also what is global. */
void flush_load(uint64_t root);

/* By an interrupt, or by lock_take(). */
void flush_serve(void);

#endif /* SHIM_MM_FLUSH_H */
