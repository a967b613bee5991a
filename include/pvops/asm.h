/* SPDX-License-Identifier: MIT */
/*
 * The ops for assembly: entry and exit of exceptions. GNU as syntax, AT&T.
 *
 *   PVOPS_ASM_ENTRY    first in each handler that the IDT names: afterwards
 *                      the stack is as on bare metal, [error code], RIP, CS,
 *                      RFLAGS, RSP, SS. Changes no register that the
 *                      interrupted code had.
 *   PVOPS_ASM_IRET     last: the stack as after PVOPS_ASM_ENTRY, no error code.
 *   PVOPS_ASM_SWAPGS   x86-64: GS.base of user mode and kernel, exchanged;
 *                      nothing where the hypervisor does it.
 *   PVOPS_ASM_IRQ_DISABLE, PVOPS_ASM_IRQ_ENABLE
 *   PVOPS_ASM_READ_CR2 to rax (eax)
 *
 * Each keeps every register but the named result and the flags. Each is one
 * recorded site: after pvops_seal() on bare metal the native instruction, or
 * a NOP for PVOPS_ASM_ENTRY.
 */
#ifndef PVOPS_ASM_H
#define PVOPS_ASM_H

#include <pvops/config.h>
#include <pvops/offsets.h>

/* clang-format off */
.macro PVOPS_ASM_SITE instruction:req, table:req, offset:req
.Lpvops_asm_site\@:
#ifdef __x86_64__
    \instruction *\table+\offset(%rip)
#else
    \instruction *\table+\offset
#endif
    .pushsection pvops_sites, "ao?", @progbits, .Lpvops_asm_site\@
    .balign 4
    .long .Lpvops_asm_site\@ - .
    .popsection
.endm

#if PVOPS_FULL
#define PVOPS_ASM_ENTRY PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_entry
#define PVOPS_ASM_IRET  PVOPS_ASM_SITE jmp, pvops_cpu_table, PVOPS_OFF_cpu_iret
#define PVOPS_ASM_SWAPGS \
    PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_swapgs
#define PVOPS_ASM_IRQ_DISABLE \
    PVOPS_ASM_SITE call, pvops_irq_table, PVOPS_OFF_irq_disable
#define PVOPS_ASM_IRQ_ENABLE \
    PVOPS_ASM_SITE call, pvops_irq_table, PVOPS_OFF_irq_enable
#define PVOPS_ASM_READ_CR2 \
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_read_cr2
#else
#define PVOPS_ASM_ENTRY
#define PVOPS_ASM_IRQ_DISABLE cli
#define PVOPS_ASM_IRQ_ENABLE  sti
#ifdef __x86_64__
#define PVOPS_ASM_SWAPGS   swapgs
#define PVOPS_ASM_IRET     iretq
#define PVOPS_ASM_READ_CR2 mov %cr2, %rax
#else
#define PVOPS_ASM_SWAPGS
#define PVOPS_ASM_IRET     iret
#define PVOPS_ASM_READ_CR2 mov %cr2, %eax
#endif
#endif
/* clang-format on */

#endif /* PVOPS_ASM_H */
