/* SPDX-License-Identifier: MIT */
/*
 * x86-64: what bare metal does in the hot ops, and what sealing makes inline.
 *
 * Quick ops (save_flags, disable, enable, read_*) keep every register but RAX
 * and the flags; write_* take C's registers RDI and RSI.
 */
#ifdef __x86_64__
#include <pvops/config.h>

#include "x86/body.h"

PVI_BODIES pvi_bodies_native

PVI_BODY pvi_native_irq_save_flags
    pushf
    pop %rax
PVI_BODY_END pvi_native_irq_save_flags

PVI_BODY pvi_native_irq_disable
    cli
PVI_BODY_END pvi_native_irq_disable

PVI_BODY pvi_native_irq_enable
    sti
PVI_BODY_END pvi_native_irq_enable

/* The frame of an exception is as the IDT delivers it already. */
PVI_BODY pvi_native_cpu_entry
PVI_BODY_END pvi_native_cpu_entry

/*
 * Padded with 66, which REX.W makes ineffective (SDM volume 2, "More on REX
 * Prefix Fields"): IRET is a branch. The RET behind it is never reached.
 */
PVI_BODY pvi_native_cpu_iret
    iretq
PVI_BODY_END pvi_native_cpu_iret, 0x66

PVI_BODY pvi_native_cpu_swapgs
    swapgs
PVI_BODY_END pvi_native_cpu_swapgs

/* What SYSRET needs is in PVOPS_ASM_SYSRET itself. */
PVI_BODY pvi_native_cpu_sysret
PVI_BODY_END pvi_native_cpu_sysret

PVI_BODY pvi_native_cpu_set_kernel_stack
    mov %rsi, 4(%rdi)
PVI_BODY_END pvi_native_cpu_set_kernel_stack

/* Instead of WRMSR, with CR4.FSGSBASE. */
PVI_BODY pvi_wrfsbase
    wrfsbase %rdi
PVI_BODY_END pvi_wrfsbase

PVI_BODY pvi_native_mmu_read_cr2
    mov %cr2, %rax
PVI_BODY_END pvi_native_mmu_read_cr2

PVI_BODY pvi_native_mmu_read_cr3
    mov %cr3, %rax
PVI_BODY_END pvi_native_mmu_read_cr3

PVI_BODY pvi_native_mmu_write_cr3
    mov %rdi, %cr3
PVI_BODY_END pvi_native_mmu_write_cr3

PVI_BODY pvi_native_mmu_read_entry
    mov (%rdi), %rax
PVI_BODY_END pvi_native_mmu_read_entry

PVI_BODY pvi_native_mmu_write_entry
    mov %rsi, (%rdi)
PVI_BODY_END pvi_native_mmu_write_entry

PVI_BODY pvi_native_mmu_make_entry
    mov %rdi, %rax
PVI_BODY_END pvi_native_mmu_make_entry

PVI_BODY pvi_native_mmu_entry_value
    mov %rdi, %rax
PVI_BODY_END pvi_native_mmu_entry_value

PVI_BODY pvi_native_mmu_write_root
    mov %rsi, (%rdi)
PVI_BODY_END pvi_native_mmu_write_root

PVI_BODY pvi_native_mmu_alloc_table
PVI_BODY_END pvi_native_mmu_alloc_table

PVI_BODY pvi_native_mmu_release_table
PVI_BODY_END pvi_native_mmu_release_table

PVI_BODY pvi_native_mmu_begin_batch
PVI_BODY_END pvi_native_mmu_begin_batch

PVI_BODY pvi_native_mmu_end_batch
PVI_BODY_END pvi_native_mmu_end_batch

PVI_BODY pvi_native_mmu_flush_page
    invlpg (%rdi)
PVI_BODY_END pvi_native_mmu_flush_page

/* The next ticket: lock.h. Its holder alone changes this word. */
PVI_BODY pvi_native_lock_release
    addw $2, (%rdi)
PVI_BODY_END pvi_native_lock_release

/*
 * IRET to the next instruction: it serialises (SDM volume 3, "Serializing
 * Instructions"), is native in ring 3 too, and is no VM exit. Keeps every
 * register but RAX. Not with supervisor shadow stacks, which IRET would pop.
 */
    .globl pvi_serialise
    .type pvi_serialise, @function
pvi_serialise:
    mov %rsp, %rax
    push $0
    mov %ss, (%rsp)
    push %rax
    pushf
    push $0
    mov %cs, (%rsp)
    lea 1f(%rip), %rax
    push %rax
    iretq
1:
    ret
    .size pvi_serialise, . - pvi_serialise

    .globl pvi_rdfsbase
    .type pvi_rdfsbase, @function
pvi_rdfsbase:
#if defined(__CET__) && (__CET__ & 1)
    endbr64
#endif
    rdfsbase %rax
    ret
    .size pvi_rdfsbase, . - pvi_rdfsbase

#if PVOPS_DEBUG_MMU
/* The stack is aligned to 8 only. */
    .globl pvi_debug_mmu_read_entry
    .type pvi_debug_mmu_read_entry, @function
pvi_debug_mmu_read_entry:
#if defined(__CET__) && (__CET__ & 1)
    endbr64
#endif
    push %rbp
    mov %rsp, %rbp
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    and $-16, %rsp
    call pvi_debug_read
    lea -64(%rbp), %rsp
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rbp
    ret
    .size pvi_debug_mmu_read_entry, . - pvi_debug_mmu_read_entry
#endif

/*
 * SYSCALL of 32-bit code, which AMD's CPUs have: it comes back with -1. The
 * stack is the program's and is not used.
 */
    .globl pvi_native_syscall_32
    .type pvi_native_syscall_32, @function
pvi_native_syscall_32:
#if defined(__CET__) && (__CET__ & 1)
    endbr64
#endif
    mov $-1, %eax
    sysretl
    .size pvi_native_syscall_32, . - pvi_native_syscall_32

PVI_BODIES_END
#endif

    .section .note.GNU-stack, "", @progbits
