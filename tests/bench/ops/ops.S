/* SPDX-License-Identifier: MIT */
/*
 * ops: each hot op sixteen times, by hand, through the table and sealed. To be
 * counted with pvlab run --where from begin_WAY_OP to end_WAY_OP, which are
 * right before the first and right behind the last: tests/bench/ops/run.
 *
 * Operands: the cell contains its own address, so that reading it over and over
 * and writing that address to it change nothing.
 */
#include <pvops/asm.h>

#ifdef __x86_64__
#define A    %rax
#define ARG1 %rdi
#define ARG2 %rsi
#else
#define A    %eax
#define ARG1 %eax
#define ARG2 %edx
#endif

    .data
    .balign 16
    .globl ops_cell
ops_cell:
#ifdef __x86_64__
    .quad ops_cell
#else
    .long ops_cell
#endif

    .globl ops_tss
ops_tss:
    .skip 16

ops_lock:
    .long 0
ops_released:
    .long 0

    .text

/* One block; 'what' is a macro without arguments. */
.macro BLOCK way:req, op:req, what:req
    .globl begin_\way\()_\op, end_\way\()_\op
begin_\way\()_\op:
    .rept 16
    \what
    .endr
end_\way\()_\op:
    nop
.endm

.macro HAND_save_flags
    pushf
    pop A
.endm
.macro HAND_disable
    cli
.endm
.macro HAND_enable
    sti
.endm
.macro HAND_entry
.endm
.macro HAND_read_cr2
    mov %cr2, A
.endm
.macro HAND_read_cr3
    mov %cr3, A
.endm
.macro HAND_write_cr3
    mov ARG1, %cr3
.endm
.macro HAND_read_entry
    mov (ARG1), A
.endm
.macro HAND_write_entry
    mov ARG2, (ARG1)
.endm
/* On i386 they are the same register. */
.macro HAND_make_entry
#ifdef __x86_64__
    mov ARG1, A
#endif
.endm
.macro HAND_entry_value
    HAND_make_entry
.endm
.macro HAND_write_root
    mov ARG2, (ARG1)
.endm
.macro HAND_lock_release
    addw $2, (ARG1)
.endm
.macro SITE_lock_release
    PVOPS_ASM_SITE call, pvops_lock_table, PVOPS_OFF_lock_release
.endm
/* Taken and given back: lock.c. */
.macro HAND_lock
    LOCK lock_hand
.endm
.macro SITE_lock
    LOCK lock_pvops
.endm
.macro LOCK function:req
#ifdef __x86_64__
    lea ops_lock(%rip), ARG1
#else
    mov $ops_lock, ARG1
#endif
    call \function
.endm
.macro HAND_flush_page
    invlpg (ARG1)
.endm
.macro HAND_sysret
.endm
.macro HAND_set_kernel_stack
    mov ARG2, 4(ARG1)
.endm

.macro SITE_save_flags
    PVOPS_ASM_SITE call, pvops_irq_table, PVOPS_OFF_irq_save_flags
.endm
.macro SITE_disable
    PVOPS_ASM_IRQ_DISABLE
.endm
.macro SITE_enable
    PVOPS_ASM_IRQ_ENABLE
.endm
.macro SITE_entry
    PVOPS_ASM_ENTRY
.endm
.macro SITE_read_cr2
    PVOPS_ASM_READ_CR2
.endm
.macro SITE_read_cr3
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_read_cr3
.endm
.macro SITE_write_cr3
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_write_cr3
.endm
.macro SITE_read_entry
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_read_entry
.endm
.macro SITE_write_entry
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_write_entry
.endm
.macro SITE_make_entry
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_make_entry
.endm
.macro SITE_entry_value
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_entry_value
.endm
.macro SITE_write_root
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_write_root
.endm
.macro SITE_flush_page
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_flush_page
.endm
.macro SITE_alloc_table
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_alloc_table
.endm
.macro SITE_release_table
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_release_table
.endm
.macro SITE_begin_batch
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_begin_batch
.endm
.macro SITE_end_batch
    PVOPS_ASM_SITE call, pvops_mmu_table, PVOPS_OFF_mmu_end_batch
.endm
.macro HAND_alloc_table
.endm
.macro HAND_release_table
.endm
.macro HAND_begin_batch
.endm
.macro HAND_end_batch
.endm
.macro SITE_sysret
    PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_sysret
.endm
.macro SITE_set_kernel_stack
    PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_set_kernel_stack
.endm

#ifdef __x86_64__
.macro HAND_set_fs_base
    wrfsbase %rdi
.endm
.macro SITE_set_fs_base
    PVOPS_ASM_SITE call, pvops_cpu_table, PVOPS_OFF_cpu_set_fs_base
.endm
.macro HAND_swapgs
    swapgs
.endm
.macro SITE_swapgs
    PVOPS_ASM_SWAPGS
.endm
/* RCX and RDX are SS and CS. */
.macro HAND_iret
    mov %rsp, %rax
    push %rcx /* SS */
    push %rax
    pushf
    push %rdx /* CS */
    push $.Lhand\@
    iretq
.Lhand\@:
.endm
.macro SITE_iret
    mov %rsp, %rax
    push %rcx
    push %rax
    pushf
    push %rdx
    push $.Lsite\@
    PVOPS_ASM_IRET
.Lsite\@:
.endm
#else
.macro HAND_iret
    pushf
    push %cs
    push $.Lhand\@
    iret
.Lhand\@:
.endm
.macro SITE_iret
    pushf
    push %cs
    push $.Lsite\@
    PVOPS_ASM_IRET
.Lsite\@:
.endm
#endif

/* ops_WAY(): every op; C's convention. */
.macro WAY way:req, prefix:req
    .globl ops_\way
ops_\way:
#ifdef __x86_64__
    xor %ecx, %ecx
    mov %ss, %ecx
    xor %edx, %edx
    mov %cs, %edx
    BLOCK \way, swapgs, \prefix\()_swapgs
    lea ops_cell(%rip), %rdi
    mov %rdi, %rsi
#endif
    BLOCK \way, iret, \prefix\()_iret
    BLOCK \way, save_flags, \prefix\()_save_flags
    BLOCK \way, enable, \prefix\()_enable
    BLOCK \way, disable, \prefix\()_disable
    BLOCK \way, entry, \prefix\()_entry
#ifndef __x86_64__
    mov $ops_cell, %eax
    mov %eax, %edx
#endif
    BLOCK \way, read_entry, \prefix\()_read_entry
    BLOCK \way, write_entry, \prefix\()_write_entry
    BLOCK \way, write_root, \prefix\()_write_root
    BLOCK \way, make_entry, \prefix\()_make_entry
    BLOCK \way, entry_value, \prefix\()_entry_value
    BLOCK \way, flush_page, \prefix\()_flush_page
    BLOCK \way, alloc_table, \prefix\()_alloc_table
    BLOCK \way, release_table, \prefix\()_release_table
    BLOCK \way, begin_batch, \prefix\()_begin_batch
    BLOCK \way, end_batch, \prefix\()_end_batch
#ifdef __x86_64__
    BLOCK \way, set_fs_base, \prefix\()_set_fs_base
    lea ops_tss(%rip), %rdi
#else
    mov $ops_tss, %eax
#endif
    BLOCK \way, set_kernel_stack, \prefix\()_set_kernel_stack
#ifdef __x86_64__
    lea ops_released(%rip), %rdi
#else
    mov $ops_released, %eax
#endif
    BLOCK \way, lock_release, \prefix\()_lock_release
    BLOCK \way, lock, \prefix\()_lock
    BLOCK \way, sysret, \prefix\()_sysret
    BLOCK \way, read_cr2, \prefix\()_read_cr2
    BLOCK \way, read_cr3, \prefix\()_read_cr3
    mov %cr3, ARG1
    BLOCK \way, write_cr3, \prefix\()_write_cr3
    ret
.endm

WAY hand, HAND
WAY table, SITE
WAY sealed, SITE

    .section .note.GNU-stack, "", @progbits
