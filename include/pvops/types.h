/* SPDX-License-Identifier: MIT */
/*
 * Types with units, and what the compiler is told.
 *
 * Needs the freestanding headers of the compiler and nothing else.
 */
#ifndef PVOPS_TYPES_H
#define PVOPS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PVOPS_BEGIN_DECLS extern "C" {
#define PVOPS_END_DECLS   }
#else
#define PVOPS_BEGIN_DECLS
#define PVOPS_END_DECLS
#endif

#define PVOPS_MUST_CHECK        __attribute__((warn_unused_result))
#define PVOPS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PVOPS_NORETURN          __attribute__((noreturn))

/* How an op takes its arguments on i386: in EAX, EDX, ECX; elsewhere as C. */
#ifdef __i386__
#define PVOPS_OP_CALL __attribute__((regparm(3)))
#else
#define PVOPS_OP_CALL
#endif

/*
 * A physical address as the guest sees it, in bytes; 64 bits wide on i386
 * too. Under Xen PV this is the pseudo-physical address, never a machine's.
 */
typedef uint64_t pvops_paddr;

#endif /* PVOPS_TYPES_H */
