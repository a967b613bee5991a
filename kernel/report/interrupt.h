/* SPDX-License-Identifier: MIT */
/*
 * The report's own interrupts, as they come in.
 */
#ifndef PVK_REPORT_INTERRUPT_H
#define PVK_REPORT_INTERRUPT_H

#include <stdbool.h>

/* Counts and ends it; false if 'vector' is none of the report's. */
bool report_interrupt(unsigned vector);

#endif /* PVK_REPORT_INTERRUPT_H */
