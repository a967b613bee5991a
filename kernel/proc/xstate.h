/* SPDX-License-Identifier: MIT */
/*
 * What programs have in x87, SSE and AVX registers: saved as a whole at every
 * change of the process, because under Xen PV a program may use them whether
 * the kernel asked for it or not.
 */
#ifndef PVK_PROC_XSTATE_H
#define PVK_PROC_XSTATE_H

/* Let programs use all that there is, on this CPU; each has the same. */
void xstate_init(void);

/* Room for one process's, aligned as XSAVE wants it; NULL: no memory. */
void *xstate_alloc(void);
void xstate_free(void *area); /* NULL is allowed */

/* From the registers, and back. */
void xstate_save(void *area);
void xstate_restore(const void *area);

/* As after reset. */
void xstate_clear(void *area);

#endif /* PVK_PROC_XSTATE_H */
