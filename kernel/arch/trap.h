/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts.
 */
#ifndef PVK_ARCH_TRAP_H
#define PVK_ARCH_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/frame.h"
#include "arch/trap_abi.h"

enum {
    TRAP_BREAKPOINT = 3,
    TRAP_INVALID_OPCODE = 6,
    TRAP_PAGE_FAULT = 14,
    /* What pvops_cpu_setup() is given. */
    TRAP_DEADLINE = 0xe0,
    TRAP_EVENT = 0xe1,
    TRAP_IPI = 0xe2, /* and the next PVOPS_IPIS - 1 */
    TRAP_FLUSH = 0xe6,
};

/* What the IPIs mean. */
enum {
    IPI_WAKE = 0, /* look at what there is to do */
    IPI_CALL = 1, /* core/call.c */
    IPI_CHECK = 2,
    IPI_STOP = 3, /* the machine has panicked */
};

/* What IPI_CHECK does, in the interrupt; NULL: nothing. A check sets it. */
extern void (*volatile trap_check_ipi)(void);

/* Error code of a page fault. Source: Intel SDM 3, 4.7. */
#define TRAP_PF_PRESENT 1u
#define TRAP_PF_WRITE   2u
#define TRAP_PF_RSVD    8u /* a reserved bit of an entry is set */

/* Every vector gets its stub. Context: after pvops_setup(), once. */
void trap_setup(void);
/* On each CPU. */
void trap_load(void);

/* What the stubs call. */
void trap_handle(struct trap_frame *frame);

/* Called in the deadline's interrupt; core/deadline.c. */
void deadline_arrived(void);

/*
 * One access to memory that may fault. False if it did: then trap_last says
 * how. In assembly, so that the compiler keeps it as it is.
 */
bool trap_try_read(const volatile uint8_t *address);
bool trap_try_write(volatile uint8_t *address, uint8_t value);

/* The last exception that was survived. */
struct trap_last {
    unsigned vector;
    uintptr_t error;
    uintptr_t address; /* of a page fault */
};
extern volatile struct trap_last trap_last;

/* Breakpoints that were met; each returns behind its INT3. */
extern volatile unsigned trap_breakpoints;
bool trap_breakpoint_keeps_registers(void);

/* dump.c: every register, one name and value each, on the console. */
void trap_dump(const struct trap_frame *frame, uintptr_t fault_address);

#endif /* PVK_ARCH_TRAP_H */
