/* SPDX-License-Identifier: MIT */
/*
 * What the files of the start-up share; grouped by file.
 */
#ifndef GUEST_START_H
#define GUEST_START_H

#include "guest.h"

#include <stdarg.h>

/* start.c: what kernel/boot's entry code calls, on a stack of 32 KiB. */
__attribute__((noreturn)) void kernel_start(unsigned door, uintptr_t info,
                                            uint32_t magic);

/* What guest_boot does not show to a guest. */
struct boot_private {
    const void *xen_start_info; /* boot/abi.h: struct start_info */
};

extern struct boot_private boot_private;

/* xen.c */
bool xen_present(void);
void xen_setup(void);
/* "4.17.4"; "" if Xen did not tell. */
const char *xen_version(void);
void xen_yield(void);
/* Block; returns when an event came in, or at once. */
void xen_block(void);
bool xen_vcpu_exists(unsigned id);

/* text.c: the line PVLAB VERDICT NAME [REASON]; no reason if 'format' is 0. */
void text_report(const char *verdict, const char *name, const char *format,
                 va_list args);

/* acpi.c: processors in the MADT; 0: no such table. */
unsigned acpi_cpu_count(void);

#endif /* GUEST_START_H */
