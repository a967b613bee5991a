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

/*
 * C's convention (PVOPS_OP_CALL): where the arguments are; what a call may
 * change beside arguments and result; and beside two arguments, one or none.
 */
#ifdef __x86_64__
#define PVOPS_C_FIRST    "D"
#define PVOPS_C_SECOND   "S"
#define PVOPS_C_CLOBBERS "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc"

#define PVOPS_C_CLOBBERS_2 "rax", PVOPS_C_CLOBBERS
#define PVOPS_C_CLOBBERS_1 "rsi", PVOPS_C_CLOBBERS_2
#define PVOPS_C_CLOBBERS_0 "rdi", PVOPS_C_CLOBBERS_1
#else
#define PVOPS_C_FIRST    "a"
#define PVOPS_C_SECOND   "d"
#define PVOPS_C_CLOBBERS "memory", "cc"

#define PVOPS_C_CLOBBERS_2 "ecx", PVOPS_C_CLOBBERS
#define PVOPS_C_CLOBBERS_1 "edx", PVOPS_C_CLOBBERS_2
#define PVOPS_C_CLOBBERS_0 "eax", PVOPS_C_CLOBBERS_1
#endif

/*
 * The site of an op of C's convention that returns nothing. The arguments are
 * variables: the call may change them.
 */
#define PVOPS_SITE_0(table, op)                                                \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     :                                                         \
                     : PVOPS_SITE_OP(op)                                       \
                     : PVOPS_C_CLOBBERS_0)
#define PVOPS_SITE_1(table, op, first)                                         \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     : "+" PVOPS_C_FIRST(first)                                \
                     : PVOPS_SITE_OP(op)                                       \
                     : PVOPS_C_CLOBBERS_1)
#define PVOPS_SITE_2(table, op, first, second)                                 \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     : "+" PVOPS_C_FIRST(first), "+" PVOPS_C_SECOND(second)    \
                     : PVOPS_SITE_OP(op)                                       \
                     : PVOPS_C_CLOBBERS_2)

/*
 * The site of an op of the quick convention: that returns nothing, whose result
 * goes to 'result', and the same with an argument. The last ends with what is
 * clobbered: "cc", and "memory" unless the result is the argument's alone.
 */
#define PVOPS_QUICK_SITE(table, op)                                            \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     :                                                         \
                     : PVOPS_SITE_OP(op)                                       \
                     : "memory", "cc")
#define PVOPS_QUICK_SITE_0(table, op, result)                                  \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     : "=a"(result)                                            \
                     : PVOPS_SITE_OP(op)                                       \
                     : "memory", "cc")
#define PVOPS_QUICK_SITE_1(table, op, result, first, ...)                      \
    __asm__ volatile(PVOPS_SITE_CALL(table)                                    \
                     : "=a"(result)                                            \
                     : PVOPS_SITE_OP(op), PVOPS_C_FIRST(first)                 \
                     : __VA_ARGS__)

#endif /* PVOPS_SITE_H */
