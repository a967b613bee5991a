/* SPDX-License-Identifier: MIT */
/*
 * Where a further CPU begins: from 16 bits to the mode of the CPU that started
 * it. Copied to a page below 1 MiB that is mapped where it is; every address in
 * it is the page's, in EBX, and a distance.
 *
 * The order is that of SDM volume 3, 9.8.5: CR4.PAE, CR3, EFER.LME, CR0.PG;
 * CR4.PCIDE can be set in 64-bit mode only, and while CR3's low bits are clear;
 * CR4.CET after CR0.WP. Segments have their accessed bit set: nothing is
 * written to the page.
 */
#include "x86/start.h"

#define MSR_EFER 0xc0000080

    .section .rodata.pvi_start, "a", @progbits
    .balign 16
    .globl pvi_start_code
    .type pvi_start_code, @object
pvi_start_code:
    .code16
    cli
    cld
    jmp start_16

    .org pvi_start_code + START_GDTR
    .word 8 * 4 - 1
    .org pvi_start_code + START_GDT
    .quad 0
#ifdef __x86_64__
    .quad 0x00af9b000000ffff
#else
    .quad 0x00cf9b000000ffff
#endif
    .quad 0x00cf93000000ffff
    .quad 0x00cf9b000000ffff

    .org pvi_start_code + START_CODE
start_16:
    xor %ebx, %ebx
    mov %cs, %bx
    mov %bx, %ds
    shl $4, %ebx
    lgdtl START_GDTR
    lidtl START_IDTR
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl *START_FAR32

    .code32
start_32:
    mov $START_DS, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
#ifdef __x86_64__
    mov START_CR4_FIRST(%ebx), %eax
    mov %eax, %cr4
    mov START_CR3(%ebx), %eax
    mov %eax, %cr3
    mov $MSR_EFER, %ecx
    mov START_EFER(%ebx), %eax
    mov START_EFER + 4(%ebx), %edx
    wrmsr
    mov START_CR0(%ebx), %eax
    mov %eax, %cr0
    ljmp *START_FAR64(%ebx)

    .code64
start_64:
    mov %ebx, %ebx
    mov START_CR4(%rbx), %rax
    mov %rax, %cr4
    mov START_STACK(%rbx), %rsp
    mov START_TICKET(%rbx), %edi
    xor %ebp, %ebp
    push $0
    jmp *START_GO(%rbx)
#else
    mov START_CR4(%ebx), %edx
    test %edx, %edx
    jz 1f
    mov START_CR4_FIRST(%ebx), %eax
    mov %eax, %cr4
1:
    mov START_CR3(%ebx), %eax
    mov %eax, %cr3
    mov START_CR0(%ebx), %eax
    mov %eax, %cr0
    jmp 2f
2:
    test %edx, %edx
    jz 3f
    mov %edx, %cr4
3:
    mov START_STACK(%ebx), %esp
    mov START_TICKET(%ebx), %eax
    xor %ebp, %ebp
    push $0
    jmp *START_GO(%ebx)
#endif
start_end:
    .size pvi_start_code, . - pvi_start_code

    .balign 4
    .globl pvi_start_code_bytes, pvi_start_far32, pvi_start_far64
    .type pvi_start_code_bytes, @object
    .type pvi_start_far32, @object
    .type pvi_start_far64, @object
pvi_start_code_bytes:
    .long start_end - pvi_start_code
    .size pvi_start_code_bytes, 4
pvi_start_far32:
    .long start_32 - pvi_start_code
    .size pvi_start_far32, 4
pvi_start_far64:
#ifdef __x86_64__
    .long start_64 - pvi_start_code
#else
    .long 0
#endif
    .size pvi_start_far64, 4

#ifdef __x86_64__
    .code64
#else
    .code32
#endif
    .section .note.GNU-stack, "", @progbits
