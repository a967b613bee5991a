/* SPDX-License-Identifier: MIT */
/*
 * What programs have in x87, SSE and AVX registers: saved as a whole at every
 * change of the process, because under Xen PV a program may use them whether
 * the kernel asked for it or not.
 */
#ifndef PVK_PROC_XSTATE_H
#define PVK_PROC_XSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space;

/* Let programs use all that there is, on this CPU; each has the same. */
void xstate_init(void);

/* Room for one process's, aligned as XSAVE wants it; NULL: no memory. */
void *xstate_alloc(void);
void xstate_free(void *area); /* NULL is allowed */

/* From the registers, and back. */
void xstate_save(void *area);
void xstate_restore(const void *area);

/* As after reset: an area; the registers. */
void xstate_clear(void *area);
void xstate_reset(void);

/* Whether it is XSAVE's, not FXSAVE's. */
bool xstate_is_extended(void);

/*
 * As a program finds it in its memory, at a multiple of 64, when a handler runs
 * (proc/signal_abi.h): how long it is; from the registers, and back. What was
 * in 'area' is lost. 0 or -ERRNO; -EFAULT too if the CPU refuses what is there:
 * the registers are any then.
 */
size_t xstate_user_bytes(void);
long xstate_to_user(void *area, struct space *space, uint64_t address);
long xstate_from_user(void *area, struct space *space, uint64_t address);

#endif /* PVK_PROC_XSTATE_H */
