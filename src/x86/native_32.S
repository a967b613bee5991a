/* SPDX-License-Identifier: MIT */
/*
 * i386: what bare metal does in the hot ops, and what sealing makes inline.
 *
 * Quick ops (save_flags, disable, enable, read_*) keep every register but EAX
 * and the flags; arguments are in EAX and EDX (PVOPS_OP_CALL), those of
 * PVOPS_MMU_ORDER the other way round.
 */
#ifdef __i386__
#include <pvops/config.h>

#include "x86/body.h"

PVI_BODIES pvi_bodies_native

PVI_BODY pvi_native_irq_save_flags
    pushf
    pop %eax
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
 * Padded with 67, which changes nothing: the stack's address size is SS's (SDM
 * volume 1, "Address-Size Attributes for Stack Accesses"). A segment override
 * is reserved, IRET being a branch, and 66 would make it a 16-bit IRET. The RET
 * behind it is never reached.
 */
PVI_BODY pvi_native_cpu_iret
    iret
PVI_BODY_END pvi_native_cpu_iret, 0x67

/* i386 has no SWAPGS. */
PVI_BODY pvi_native_cpu_swapgs
PVI_BODY_END pvi_native_cpu_swapgs

/* System calls of i386 come in by an interrupt. */
PVI_BODY pvi_native_cpu_sysret
PVI_BODY_END pvi_native_cpu_sysret

PVI_BODY pvi_native_cpu_set_kernel_stack
    mov %edx, 4(%eax)
PVI_BODY_END pvi_native_cpu_set_kernel_stack

PVI_BODY pvi_native_cpu_set_fs_base
PVI_BODY_END pvi_native_cpu_set_fs_base

PVI_BODY pvi_native_mmu_read_cr2
    mov %cr2, %eax
PVI_BODY_END pvi_native_mmu_read_cr2

PVI_BODY pvi_native_mmu_read_cr3
    mov %cr3, %eax
PVI_BODY_END pvi_native_mmu_read_cr3

PVI_BODY pvi_native_mmu_write_cr3
    mov %eax, %cr3
PVI_BODY_END pvi_native_mmu_write_cr3

PVI_BODY pvi_native_mmu_read_entry
    mov (%eax), %eax
PVI_BODY_END pvi_native_mmu_read_entry

PVI_BODY pvi_native_mmu_write_entry
    mov %eax, (%edx)
PVI_BODY_END pvi_native_mmu_write_entry

PVI_BODY pvi_native_mmu_make_entry
PVI_BODY_END pvi_native_mmu_make_entry

PVI_BODY pvi_native_mmu_entry_value
PVI_BODY_END pvi_native_mmu_entry_value

PVI_BODY pvi_native_mmu_write_root
    mov %eax, (%edx)
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
    invlpg (%eax)
PVI_BODY_END pvi_native_mmu_flush_page

/* The next ticket: lock.h. Its holder alone changes this word. */
PVI_BODY pvi_native_lock_release
    addw $2, (%eax)
PVI_BODY_END pvi_native_lock_release

/*
 * IRET to the next instruction: it serialises (SDM volume 3, "Serializing
 * Instructions") and is no VM exit. Keeps every register.
 */
    .globl pvi_serialise
    .type pvi_serialise, @function
pvi_serialise:
    pushf
    push %cs
    call 1f
    ret
1:
    iret
    .size pvi_serialise, . - pvi_serialise

#if PVOPS_DEBUG_MMU
    .globl pvi_debug_mmu_read_entry
    .type pvi_debug_mmu_read_entry, @function
pvi_debug_mmu_read_entry:
#if defined(__CET__) && (__CET__ & 1)
    endbr32
#endif
    push %ebp
    mov %esp, %ebp
    push %ecx
    push %edx
    and $-16, %esp
    call pvi_debug_read
    lea -8(%ebp), %esp
    pop %edx
    pop %ecx
    pop %ebp
    ret
    .size pvi_debug_mmu_read_entry, . - pvi_debug_mmu_read_entry
#endif

PVI_BODIES_END
#endif

    .section .note.GNU-stack, "", @progbits
