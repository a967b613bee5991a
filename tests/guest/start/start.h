/* SPDX-License-Identifier: MIT */
/*
 * What the files of the start-up share; grouped by file.
 */
#ifndef GUEST_START_H
#define GUEST_START_H

#include "guest.h"

#include <stdarg.h>

#include "doors.h"
#include "xen_abi.h"

/* start.c: what the entry code calls, on a stack of 16 KiB. */
__attribute__((noreturn)) void start(unsigned door, uintptr_t info,
                                     uint32_t magic);

/* What guest_boot does not show to a guest. */
struct boot_private {
    unsigned door; /* DOOR_* */
    uint64_t rsdp; /* physical address; 0: the loader did not tell */
    const void *xen_start_info;
};

extern struct boot_private boot_private;

/*
 * boot_*.c: read what the loader left at 'info' into guest_boot and
 * boot_private. False if it is not what this door promises.
 */
bool boot_read_pvh(uintptr_t info);
bool boot_read_multiboot1(uintptr_t info, uint32_t magic);
bool boot_read_multiboot2(uintptr_t info, uint32_t magic);
bool boot_read_xen_pv(uintptr_t info);

/* boot.c: for those. Regions are summed up, modules beyond 4 GiB left out. */
void boot_add_memory(uint64_t bytes);
void boot_add_module(uint64_t address, uint64_t size);

/* xen.c */
bool xen_present(void);
void xen_setup(void);
/* "4.17.4"; "" if Xen did not tell. */
const char *xen_version(void);
void xen_yield(void);
/* Block; returns when an event came in, or at once. */
void xen_block(void);
/* boot_add_memory() for all RAM that Xen gave. */
void xen_read_memory(void);
bool xen_vcpu_exists(unsigned id);
/* A PV dom0's: the page at 'page' becomes the machine's page at 'machine'. */
bool xen_map_machine(void *page, uint64_t machine);

/* text.c: the line PVLAB VERDICT NAME [REASON]; no reason if 'format' is 0. */
void text_report(const char *verdict, const char *name, const char *format,
                 va_list args);

/* acpi.c: processors in the MADT; 0: no such table. */
unsigned acpi_cpu_count(void);

#endif /* GUEST_START_H */
