/* SPDX-License-Identifier: MIT */
/*
 * A warm restart: "restart=N" has pvk enter its own image N times more, by the
 * door that it was entered by and without a machine's reset between.
 *
 * That shows what pvops_cpu_teardown() leaves behind: whatever a hypervisor may
 * write to exists twice, the rounds take it in turn, and what the round before
 * had is painted and looked at when this one ends. So are the pages of RAM that
 * it had, as far as nobody should have written to them in between.
 *
 * The image is put back from a copy that was taken before anything in it
 * changed: its text is unsealed again. What the loader left may be overwritten
 * by then; its parsed form is handed on instead.
 */
#ifndef PVK_BOOT_RESTART_H
#define PVK_BOOT_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "boot/boot.h"
#include "checks/check.h"
#include "core/pages.h"

/* What a hypervisor may write to. */
struct restart_bank {
    uint8_t setup_pages[PVOPS_SETUP_PAGES * PAGE_BYTES];
    uint8_t cpu_pages[CPU_MOST][PVOPS_CPU_PAGES * PAGE_BYTES];
    struct percpu percpus[CPU_MOST] __attribute__((aligned(4096)));
};

/* This round's; zero when it begins, but for a page that Xen has. */
struct restart_bank *restart_bank(void);

/* The first call of all; 'info' and 'magic' as the entry code has them. */
void restart_begin(unsigned door, uintptr_t info, uint32_t magic);

/* 0: the loader's. */
unsigned restart_round(void);

/* What the loader told, from the first round; NULL in that. */
const struct boot *restart_boot(void);

/* What is handed on of what a hypervisor has once; NULL: nothing. */
const struct pvops_resources *restart_resources(void);

/* [base, end) is RAM that this round uses as it likes. */
void restart_note_ram(uint64_t base, uint64_t end);

/*
 * The end of a round: judge what the one before left behind, and if there is to
 * be another, begin it and do not return.
 * Context: the boot CPU alone, interrupts off.
 */
void restart_end(void);

/* What assembly does; both with paging as the entry code makes it. */
void restart_leave_tables(void);
__attribute__((noreturn)) void restart_enter(unsigned door, uintptr_t info,
                                             uint32_t magic);

#endif /* PVK_BOOT_RESTART_H */
