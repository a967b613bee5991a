/* SPDX-License-Identifier: MIT */
/*
 * What CPUID with Xen's prefix answers.
 */
#ifndef SHIM_TRAP_CPUID_H
#define SHIM_TRAP_CPUID_H

#include <stdbool.h>
#include <stdint.h>

void cpuid_answer(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

/* False: not allowed. On this CPU. */
bool cpuid_set_xcr0(uint64_t value);

#endif /* SHIM_TRAP_CPUID_H */
