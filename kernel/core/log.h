/* SPDX-License-Identifier: MIT */
/*
 * What pvk says, and how it stops.
 */
#ifndef PVK_CORE_LOG_H
#define PVK_CORE_LOG_H

#include <stddef.h>
#include <stdint.h>

/* One line, "pvk: " before it; cut off at 200 bytes. */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/* One line as it is: the lines that pvlab reads. */
__attribute__((format(printf, 1, 2))) void log_plain(const char *format, ...);

/* Text as it is, in one piece whoever else writes. Context: any. */
void log_write(const char *text, size_t bytes);

/* A line, where it was called from, and the machine stops as crashed. */
__attribute__((noreturn, format(printf, 1, 2))) void panic(const char *format,
                                                           ...);

/* Who called whom, from the frame at 'frame' (RBP, EBP) on. */
void log_callers(uintptr_t frame);

#endif /* PVK_CORE_LOG_H */
