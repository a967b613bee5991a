/* SPDX-License-Identifier: MIT */
/*
 * What your kernel gives libpvops: every pvops_host_*() below that your tier
 * needs, and nothing else. Forgetting one is a link error, never a silent
 * default. The clock tier needs none.
 *
 * The library allocates nothing, takes no lock, and keeps no pointer of yours
 * past the call that passed it, except where a comment says "keeps".
 *
 *                      tier   first called by       context
 *   pvops_host_log     guest  any set-up function   that CPU, interrupts off
 *   pvops_host_panic   guest  any                   any
 *   pvops_host_paddr   guest  pvops_setup()         any but NMI
 *   pvops_host_map     guest  any set-up function   boot CPU
 *   pvops_host_va      full   pvops_mmu_*()         any but NMI
 *   pvops_host_text    full   pvops_seal()          boot CPU, interrupts off
 *   pvops_host_rom     full   pvops_setup()         boot CPU, interrupts off
 */
#ifndef PVOPS_HOST_H
#define PVOPS_HOST_H

#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/* How much a line matters. */
enum pvops_log_level {
    PVOPS_LOG_ERROR = 0,
    PVOPS_LOG_INFO = 1,
    PVOPS_LOG_DEBUG = 2,
};

/*
 * Write one line to wherever your kernel logs.
 *
 * 'line' is NUL-terminated ASCII of at most 120 bytes without a newline, valid
 * only during the call. May drop it. May call pvops_console_write(), and the
 * irq ops unless it is told that no backend was found.
 */
void pvops_host_log(enum pvops_log_level level, const char *line);

/* Stop the machine. 'why' as 'line' above. */
PVOPS_NORETURN void pvops_host_panic(const char *why);

/*
 * Physical address of 'va', any mapped address of the kernel's. It must stay
 * true: the hypervisor writes there.
 */
pvops_paddr pvops_host_paddr(const void *va);

/* How a mapping is cached. */
enum pvops_map {
    PVOPS_MAP_MEMORY = 0, /* write-back; ACPI tables, pages of the hypervisor */
    PVOPS_MAP_DEVICE = 1, /* uncached registers */
};

/*
 * A mapping, readable and writable, of 'bytes' at physical 'paddr', for good;
 * or NULL, and the library does without what is there. Under Xen PV 'paddr' is
 * a machine address if 'how' is PVOPS_MAP_DEVICE (PVOPS_PTE_MACHINE).
 *
 * With pvops_setup_options.rom, not under Xen PV, it is called for memory
 * before any op may be used: by tables as the loader left them.
 */
void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how);

/*
 * Where your kernel maps the page of RAM at 'paddr' for its own use (a direct
 * map), or NULL if nowhere. Called for pages of page tables and of GDTs only.
 */
void *pvops_host_va(pvops_paddr paddr);

/*
 * A writable address for the 'bytes' (at most 16) of program text at 'text',
 * valid until the next call; or NULL: that text cannot be written, and stays
 * as it is. Under Xen PV too the text itself may be read-only.
 */
void *pvops_host_text(const void *text, size_t bytes);

/*
 * Whether 'rom', which is well formed and was found where pvops_setup() was
 * told to look, may run: with every right of the kernel's. Called once for each
 * one that is found until one is taken; valid only during the call. Compare
 * rom->sha256 with what you trust, or return what the kernel's owner says on
 * the command line. No op may be used yet. A kernel that gives no
 * pvops_setup_options.rom is never asked.
 *
 * Only with PVOPS_VMI.
 */
struct pvops_rom;
bool pvops_host_rom(const struct pvops_rom *rom);

PVOPS_END_DECLS

#endif /* PVOPS_HOST_H */
