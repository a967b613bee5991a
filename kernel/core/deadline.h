/* SPDX-License-Identifier: MIT */
/*
 * Something to be done at a time, and a periodic tick built on it.
 */
#ifndef PVK_CORE_DEADLINE_H
#define PVK_CORE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Call 'handler' in an interrupt once pvops_time_now_ns() is 'at_ns'. It
 * returns when to be called again, or 0, and sets none itself. Each CPU has one
 * deadline; a new one takes its place. Context: interrupts off.
 */
void deadline_set(uint64_t at_ns, uint64_t (*handler)(uint64_t at_ns));
void deadline_cancel(void);

/*
 * A tick each 'period_ns', from now on; how many there were. On one CPU at a
 * time.
 */
void tick_start(uint64_t period_ns);
void tick_stop(void);
extern volatile unsigned tick_count;

#endif /* PVK_CORE_DEADLINE_H */
