/* SPDX-License-Identifier: MIT */
/*
 * Short bodies of ops, for assembly: sealing may put them inline.
 *
 *   PVI_BODIES pvi_bodies_NAME     first in the file: where its table begins
 *   PVI_BODY pvi_native_irq_disable
 *       cli
 *   PVI_BODY_END pvi_native_irq_disable
 *   PVI_BODIES_END                 last in the file
 *
 * or, where the inline form must differ since it has no return address on the
 * stack: a function of any kind without its .size, then
 *
 *   PVI_INLINE
 *       pop %rcx
 *   PVI_BODY_END pvi_xen_pv_entry
 *
 * The function is the body and RET; the table gets {function, where the body
 * begins, its length, what pads it}, so nothing is written twice. A body of at
 * most 6 bytes is padded to 6 by redundant prefixes of its first instruction;
 * an empty one becomes a NOP. It must not use the stack below what its caller
 * pushed, nor RIP-relative operands: inline there is no return address, and
 * the place is another.
 *
 * The padding is what GNU as takes when it pads instructions to align branches
 * (gas manual, i386 options, -malign-branch-prefix-size: up to five segment
 * prefixes on an instruction): CS in 64-bit mode, where CS, DS, ES and SS
 * overrides are ignored (SDM volume 1, "Segment Registers in 64-Bit Mode";
 * Xen b7dce29d9faf: documented so by both vendors); DS in 32-bit mode, where it
 * is the default of every memory operand without ESP or EBP. Give another as
 * the second argument if the first instruction is a branch, with which a
 * segment override is reserved (SDM volume 2, "Instruction Prefixes").
 */
#ifndef X86_BODY_H
#define X86_BODY_H

/* clang-format off */
#ifdef __x86_64__
#define PVI_PAD 0x2e
#else
#define PVI_PAD 0x3e
#endif

.macro PVI_BODIES table:req
    .section .rodata.pvi_bodies, "a", @progbits
    .balign 4
    .globl \table
    .type \table, @object
\table:
    .text
.endm

/* ENDBR is for indirect calls only, and no part of the body. */
.macro PVI_BODY name:req
    .balign 4
    .globl \name
    .type \name, @function
\name:
#if defined(__CET__) && (__CET__ & 1)
#ifdef __x86_64__
    endbr64
#else
    endbr32
#endif
#endif
771:
.endm

.macro PVI_INLINE
771:
.endm

/* The distances fit: they are constants of this file. */
.macro PVI_BODY_END name:req, pad=PVI_PAD
772:
    ret
    .size \name, . - \name
    .pushsection .rodata.pvi_bodies, "a", @progbits
    .long \name - .
    .byte 771b - \name, 772b - 771b, \pad, 1
    .balign 4
    .popsection
.endm

.macro PVI_BODIES_END
    .pushsection .rodata.pvi_bodies, "a", @progbits
    .long 0
    .byte 0, 0, 0, 0
    .popsection
.endm
/* clang-format on */

#endif /* X86_BODY_H */
