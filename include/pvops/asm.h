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
 *   PVOPS_ASM_SYSCALL_ENTRY hypervisor, scratch, stack, user_cs, user_ss
 *                      x86-64: first where SYSCALL enters. Makes another label
 *                      named 'hypervisor'; both are for
 *                      pvops_cpu_set_syscall_entry(). 'scratch' and 'stack' are
 *                      offsets of two words in the per-CPU area that GS reaches
 *                      once in the kernel: room for RSP, and the kernel's
 *                      stack. The selectors are those of bare metal. Afterwards
 *                      the stack is as after PVOPS_ASM_ENTRY, GS is the
 *                      kernel's and interrupts are off; RCX and R11 are RIP and
 *                      RFLAGS of the program.
 *   PVOPS_ASM_SYSRET   x86-64: last: back from a system call, interrupts off,
 *                      the stack as before PVOPS_ASM_IRET. RCX and R11 need not
 *                      be restored; the CS and SS in the frame are the user's.
 *                      RIP in the frame must be canonical, or SYSRET faults in
 *                      the kernel on Intel's CPUs: use PVOPS_ASM_IRET for one
 *                      that is not. GS is exchanged by it. Under Xen PV RCX
 *                      may be an address of kernel text (docs/xen.md).
 *   PVOPS_ASM_IRQ_DISABLE, PVOPS_ASM_IRQ_ENABLE
 *   PVOPS_ASM_READ_CR2 to rax (eax); on i386 ecx and edx are lost
 *
 * Each keeps every register but the named result and the flags, and the entry
 * and return of system calls what SYSCALL and SYSRET change. Each is one
 * recorded site: after pvops_seal() on bare metal the native instruction, a NOP
 * for PVOPS_ASM_ENTRY, a NOP before the native instructions of
 * PVOPS_ASM_SYSRET; PVOPS_ASM_SYSCALL_ENTRY is none at all.
 *
 * On bare metal the first three instructions after SYSCALL, and the last two
 * with SYSRET, run in ring 0 on the program's stack. SYSCALL turns off
 * interrupts and single steps, but an NMI, a machine check, or a breakpoint
 * that a debugger set there comes all the same: whoever does not stop for good
 * in those handlers needs stacks of their own for them (IST, where pvops_caps()
 * has PVOPS_CAP_RING0), and there the saved CS does not tell whose GS it is.
 * Nor does the sign of GS.base with PVOPS_CAP_USER_BASES: programs choose it.
 *
 * With indirect-branch tracking SYSCALL and IDT gates want ENDBR64 before these
 * macros, where your own labels are; 'hypervisor' gets its own. Shadow stacks
 * of ring 0 are yours to change.
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

#ifdef __x86_64__
/* A hypervisor's frame lies on the kernel's stack already, below RCX and R11. */
.macro PVOPS_ASM_SYSCALL_ENTRY hypervisor:req, scratch:req, stack:req, user_cs:req, user_ss:req
    .globl \hypervisor
#if !PVOPS_FULL
\hypervisor:
#endif
    swapgs
    mov %rsp, %gs:\scratch
    mov %gs:\stack, %rsp
    pushq $\user_ss
    pushq %gs:\scratch
    push %r11
    pushq $\user_cs
    push %rcx
#if PVOPS_FULL
    .pushsection .text.pvops_syscall, "ax", @progbits
\hypervisor:
#if defined(__CET__) && (__CET__ & 1)
    endbr64
#endif
    pop %rcx
    pop %r11
    cld /* Xen 4.17 lets a program's DF through now and then: docs/xen.md */
    jmp .Lpvops_syscall\@
    .popsection
.Lpvops_syscall\@:
#endif
.endm

.macro PVOPS_ASM_SYSRET
#if PVOPS_FULL
    PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_sysret
#endif
    mov (%rsp), %rcx
    mov 16(%rsp), %r11
    mov 24(%rsp), %rsp
    swapgs
    sysretq
.endm
#endif

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
