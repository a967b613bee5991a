/* SPDX-License-Identifier: MIT */
/*
 * What Linux 2.6.21 to 2.6.36 does with a ROM's header and with its answers,
 * bugs included. It is a model: written from what those kernels do, no line of
 * theirs.
 *
 * Source: Linux arch/i386/kernel/vmi.c (2.6.21, 2.6.22), arch/x86/kernel/
 *         vmi_32.c (2.6.24 on; 2.6.25 and 2.6.26 with the bugs named below),
 *         vmitime.c, vmiclock_32.c, alternative.c (apply_paravirt).
 */
#ifndef ROM_LINUX_H
#define ROM_LINUX_H

#include "machine.h"

struct linux_kernel {
    unsigned minor; /* 21: 2.6.21 */
    bool pae, smp;
};

/* An operation of the kernel's. */
enum linux_slot_kind { LINUX_NATIVE, LINUX_ROM, LINUX_EMPTY };
struct linux_slot {
    enum linux_slot_kind kind;
    uint32_t target; /* if LINUX_ROM */
};

enum { LINUX_CALLS = 74, LINUX_SITE_BYTES = 18 };

/* Whatever was printed, or was a BUG or a jump to nowhere. */
struct linux_boot {
    const uint8_t *rom;
    char log[1024];
    unsigned warnings;
    const char *fatal; /* NULL: none */
    struct linux_slot slots[LINUX_CALLS];
    bool vmi_timer;
};

/* Look for a ROM from physical 0xc0000 on; NULL: none was taken. */
const uint8_t *linux_probe(struct linux_boot *boot);

/* Init, then every question in the kernel's order. */
void linux_activate(const struct linux_kernel *kernel, struct linux_boot *boot);

/* A patched site of that call; code that may be run, with a RET behind it. */
const uint8_t *linux_site(struct linux_boot *boot, unsigned call);

/* 2.6.21's site that saves flags and disables interrupts. */
const uint8_t *linux_double_site(struct linux_boot *boot);

/*
 * Write entry 'index' of a table, as the kernel's op for 'call' (11 to 13)
 * does it.
 */
void linux_write_descriptor(const struct linux_kernel *kernel,
                            struct linux_boot *boot, unsigned call,
                            uint64_t *table, unsigned index, uint64_t value);

/* What the bare answer is: EDX:EAX of 88h. */
uint64_t linux_relocation(const uint8_t *rom, uint32_t call);

#endif /* ROM_LINUX_H */
