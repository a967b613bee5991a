/* SPDX-License-Identifier: MIT */
/*
 * What the model's files share.
 */
#ifndef FAKE_CPU_PRIVATE_H
#define FAKE_CPU_PRIVATE_H

#include "cpu.h"

/* cpu.c */
void fake_spend(uint64_t ps);
uint64_t fake_ticks(double hz, uint64_t ps);
struct fake_msr *fake_add_msr(uint32_t msr);

#endif /* FAKE_CPU_PRIVATE_H */
