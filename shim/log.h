/* SPDX-License-Identifier: MIT */
/*
 * Lines on the serial port, and the ways in which everything ends.
 */
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

#include <stdint.h>

struct vcpu;

/* "shim: ..."; as pvi_line_format(). */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/* The guest has done what no guest may: why, its registers, and power off. */
__attribute__((format(printf, 1, 2), noreturn)) void
guest_failed(const char *format, ...);

/* The shim itself is wrong. */
__attribute__((format(printf, 1, 2), noreturn)) void
shim_failed(const char *format, ...);

/* Before there is a guest: the machine or the image is not fit. */
__attribute__((format(printf, 1, 2), noreturn)) void
boot_failed(const char *format, ...);

/* For %llx. */
static inline unsigned long long wide_number(uint64_t value)
{
    return value;
}

#endif /* SHIM_LOG_H */
