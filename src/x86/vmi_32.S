/* SPDX-License-Identifier: MIT */
/*
 * i386: from an op's convention to that of a call of VMI 3.0, where the two
 * differ. Each is at most two instructions before the jump.
 *
 * Arguments are in EAX, EDX, ECX in both; results in EAX, or EDX:EAX; a call
 * changes these three and the flags.
 */
#ifdef __i386__
#include <pvops/config.h>

#if PVOPS_VMI
#define PVOPS_VMI_CALL(number, name) .set VMI_CALL_##name, number;
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL

#define TARGET(call) *pvi_vmi32_targets + 4 * VMI_CALL_##call

/* abi/vmi.h, which is C's; vmi_32.c compares. */
#define VMI_PAGE_PT 1
#define VMI_PAGE_PD 2
#define VMI_FLUSH_TLB 1
#define VMI_FLUSH_GLOBAL 2
#define VMI_LAZY_MMU 1

.macro FUNCTION name:req
    .balign 4
    .globl \name
    .type \name, @function
\name:
#if defined(__CET__) && (__CET__ & 1)
    endbr32
#endif
.endm

.macro FUNCTION_END name:req
    .size \name, . - \name
.endm

    .text

/* Jumped to. Answered with CALL_REL: the ROM drops the return address. */
FUNCTION pvi_vmi32_iret
    call TARGET(IRET)
FUNCTION_END pvi_vmi32_iret

/* EAX: TSS, EDX: stack. The ROM is told; the TSS is the kernel's to write. */
FUNCTION pvi_vmi32_set_kernel_stack
    mov %edx, 4(%eax)
    mov pvi_vmi32_kernel_ss, %eax
    jmp TARGET(UpdateKernelStack)
FUNCTION_END pvi_vmi32_set_kernel_stack

/* EAX: leaf, EDX: subleaf, ECX: where. The ROM has CPUID's own registers. */
FUNCTION pvi_vmi32_cpuid
    push %ebx
    push %esi
    mov %ecx, %esi
    mov %edx, %ecx
    call TARGET(CPUID)
    mov %eax, (%esi)
    mov %ebx, 4(%esi)
    mov %ecx, 8(%esi)
    mov %edx, 12(%esi)
    pop %esi
    pop %ebx
    ret
FUNCTION_END pvi_vmi32_cpuid

/* As the instructions: the number in ECX, the value in EDX:EAX. */
FUNCTION pvi_vmi32_read_msr
    mov %eax, %ecx
    jmp TARGET(RDMSR)
FUNCTION_END pvi_vmi32_read_msr

FUNCTION pvi_vmi32_write_msr
    mov %eax, %ecx
    mov (%edx), %eax
    mov 4(%edx), %edx
    jmp TARGET(WRMSR)
FUNCTION_END pvi_vmi32_write_msr

/* EAX: value, EDX: entry. ECX: what it is an entry of. */
FUNCTION pvi_vmi32_write_entry
    mov $VMI_PAGE_PT, %ecx
    jmp TARGET(SetPxE)
FUNCTION_END pvi_vmi32_write_entry

FUNCTION pvi_vmi32_write_root
    mov $VMI_PAGE_PD, %ecx
    jmp TARGET(SetPxE)
FUNCTION_END pvi_vmi32_write_root

/*
 * EAX: table, a physical address; EDX: level, which is VMI_PAGE_PT or
 * VMI_PAGE_PD as it stands. The other arguments of AllocatePage mean something
 * with VMI_PAGE_CLONE only. Not VMI_PAGE_ZEROED: the kernel may have filled it.
 */
FUNCTION pvi_vmi32_alloc_table
    shr $12, %eax
    jmp TARGET(AllocatePage)
FUNCTION_END pvi_vmi32_alloc_table

FUNCTION pvi_vmi32_release_table
    shr $12, %eax
    jmp TARGET(ReleasePage)
FUNCTION_END pvi_vmi32_release_table

/*
 * A batch is the lazy mode of page tables, which does not nest: the end of one
 * within another is the end of both, and what follows is done at once.
 */
FUNCTION pvi_vmi32_begin_batch
    mov $VMI_LAZY_MMU, %eax
    jmp TARGET(SetLazyMode)
FUNCTION_END pvi_vmi32_begin_batch

FUNCTION pvi_vmi32_end_batch
    xor %eax, %eax
    jmp TARGET(SetLazyMode)
FUNCTION_END pvi_vmi32_end_batch

/* Ends a batch: in lazy mode SetCR3 itself may wait. */
FUNCTION pvi_vmi32_write_cr3
    call TARGET(SetCR3)
    xor %eax, %eax
    jmp TARGET(SetLazyMode)
FUNCTION_END pvi_vmi32_write_cr3

FUNCTION pvi_vmi32_flush_asid
    mov $VMI_FLUSH_TLB, %eax
    jmp TARGET(FlushTLB)
FUNCTION_END pvi_vmi32_flush_asid

FUNCTION pvi_vmi32_flush_all
    mov $(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL), %eax
    jmp TARGET(FlushTLB)
FUNCTION_END pvi_vmi32_flush_all
#endif
#endif

    .section .note.GNU-stack, "", @progbits
