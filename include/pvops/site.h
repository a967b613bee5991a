/* SPDX-License-Identifier: MIT */
/*
 * Recorded call sites: what the ops' inline functions are made of. Not for
 * direct use; asm.h has the same for assembly.
 *
 * A site is a 6-byte "call *table+offset" and a record of 4 bytes in the
 * section pvops_sites: the distance from the record to the instruction. The
 * instruction says the rest. pvops_seal() overwrites the 6 bytes.
 *
 * Clobbers: an op of the quick convention keeps every register but its result
 * and the flags; every other op is an ordinary C call.
 */
#ifndef PVOPS_SITE_H
#define PVOPS_SITE_H

#include <pvops/config.h>
#include <pvops/offsets.h>

/* A call through the table, as text; 'op' as in PVOPS_OFF_<op>. */
#ifdef __x86_64__
#define PVOPS_SITE_OPERAND "%c[pvops_op](%%rip)"
#else
#define PVOPS_SITE_OPERAND "%c[pvops_op]"
#endif

#define PVOPS_SITE_CALL(table)                                                 \
    "771:\n\t"                                                                 \
    "call *" table "+" PVOPS_SITE_OPERAND "\n\t"                               \
    ".pushsection pvops_sites, \"a\"\n\t"                                      \
    ".balign 4\n\t"                                                            \
    ".long 771b - .\n\t"                                                       \
    ".popsection\n\t"

#define PVOPS_SITE_OP(op) [pvops_op] "i"(PVOPS_OFF_##op)

/* Keeps a compiler that omits frame pointers from calling below the stack. */
#define PVOPS_SITE_STACK(name) register uintptr_t name __asm__(PVOPS_SITE_SP)
#ifdef __x86_64__
#define PVOPS_SITE_SP "rsp"
#else
#define PVOPS_SITE_SP "esp"
#endif

/* What a C call may change beside rax, rdi, rsi (eax, edx, ecx on i386). */
#ifdef __x86_64__
#define PVOPS_C_CLOBBERS "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc"
#else
#define PVOPS_C_CLOBBERS "memory", "cc"
#endif

#endif /* PVOPS_SITE_H */
