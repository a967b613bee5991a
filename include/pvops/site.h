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
 *
 * What your compiler must be told, as in every kernel: no red zone
 * (-mno-red-zone), since the call pushes. It does not know of the call, so the
 * stack there is aligned to a pointer only.
 *
 * On i386 the table's address is in the instruction: an image that is not
 * linked to its address (PIE) has a relocation for each site in its text. It
 * must be done before pvops_seal(), and not again after.
 *
 * What your linker script needs, among the read-only data; the names of the two
 * symbols are yours, their place is not:
 *
 *     .pvops_sites : {
 *         __start_pvops_sites = .;
 *         KEEP(*(pvops_sites))
 *         __stop_pvops_sites = .;
 *     }
 *
 * The records of a function are linked to its section (flag 'o') and belong to
 * its group (flag '?'): of an inline function of C++ there is one set, and with
 * --gc-sections lld drops those of a dropped function. GNU ld does so without
 * KEEP only; with KEEP the function stays. After "ld -r" of several functions
 * GNU ld needs KEEP, or it may drop records that are needed.
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
    ".Lpvops_site%=:\n\t"                                                      \
    "call *" table "+" PVOPS_SITE_OPERAND "\n\t"                               \
    ".pushsection pvops_sites, \"ao?\", @progbits, .Lpvops_site%=\n\t"         \
    ".balign 4\n\t"                                                            \
    ".long .Lpvops_site%= - .\n\t"                                             \
    ".popsection\n\t"

#define PVOPS_SITE_OP(op) [pvops_op] "i"(PVOPS_OFF_##op)

/* What a C call may change beside rax, rdi, rsi (eax, edx, ecx on i386). */
#ifdef __x86_64__
#define PVOPS_C_CLOBBERS "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc"
#else
#define PVOPS_C_CLOBBERS "memory", "cc"
#endif

#endif /* PVOPS_SITE_H */
