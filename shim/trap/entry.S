/* SPDX-License-Identifier: MIT */
/*
 * Every way into the shim from the guest, and back.
 *
 * All of the guest's registers are in struct vcpu when C is called, with RSP
 * at the first of them. GS is never the shim's: no SWAPGS is needed on the way
 * in, because each CPU has a SYSCALL stub of its own, which knows where its
 * struct vcpu is, and because exceptions begin on the stack that ends there.
 */
#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "layout.h"
#include "trap/offsets.h"

#define RFLAGS_IF      0x200
#define RFLAGS_ONE     0x2
#define RFLAGS_IOPL    0x3000
#define RFLAGS_CLEARED 0x54500 /* AC, RF, NT, DF, TF: at an entry */

    .macro FUNCTION name:req
    .balign 16
    .globl \name
    .hidden \name
    .type \name, @function
\name:
    .endm

    .macro END name:req
    .size \name, . - \name
    .endm

/* "at" is executed; if it faults, the shim goes on at "instead". */
    .macro FIXUP at:req, instead:req
    .pushsection .fixups, "a"
    .balign 8
    .quad \at, \instead
    .popsection
    .endm

    .text

/*
 * Copied to AREA_STUB of each CPU's area, where SYSCALL begins: with RIP in
 * RCX and RFLAGS in R11.
 */
    .balign AREA_STUB32 - AREA_STUB
FUNCTION syscall_stub
    mov %rsp, AREA_VCPU - AREA_STUB + VCPU_REGS + R_rsp + syscall_stub(%rip)
    lea AREA_VCPU - AREA_STUB + VCPU_REGS + syscall_stub(%rip), %rsp
    jmp *1f(%rip)
    .balign 8
1:  .quad syscall_entry
END syscall_stub

/* The same for 32-bit code: at AREA_STUB32. */
    .balign AREA_STUB32 - AREA_STUB
FUNCTION syscall32_stub
    mov %rsp, AREA_VCPU - AREA_STUB32 + VCPU_REGS + R_rsp + syscall32_stub(%rip)
    lea AREA_VCPU - AREA_STUB32 + VCPU_REGS + syscall32_stub(%rip), %rsp
    jmp *1f(%rip)
    .balign 8
1:  .quad syscall32_entry
    .globl syscall_stub_end
    .hidden syscall_stub_end
syscall_stub_end:
END syscall32_stub

FUNCTION syscall_entry
    mov %rcx, R_rip(%rsp)
    mov %r11, R_rflags(%rsp)
    movq $FLAT_RING3_CS64, R_cs(%rsp)
    movq $FLAT_RING3_SS64, R_ss(%rsp)
    cmpb $0, V_kernel_mode(%rsp)
    je system_call

    mov %rax, R_rax(%rsp)
    mov %rdi, R_rdi(%rsp)
    mov %rsi, R_rsi(%rsp)
    mov %rdx, R_rdx(%rsp)
    mov %r10, R_r10(%rsp)
    mov %r8, R_r8(%rsp)
    mov %r9, R_r9(%rsp)
    mov %rbx, R_rbx(%rsp)
    mov %rbp, R_rbp(%rsp)
    mov %r12, R_r12(%rsp)
    mov %r13, R_r13(%rsp)
    mov %r14, R_r14(%rsp)
    mov %r15, R_r15(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %r11, R_r11(%rsp)
    mov %r10, %rcx
    cmp hypercall_count(%rip), %rax
    jae no_hypercall
    lea hypercalls(%rip), %r11
    call *(%r11,%rax,8)

/* RAX: the guest's. */
hypercall_return:
    mov %rax, R_rax(%rsp)
hypercall_exit:
    cmpb $0, V_full_exit(%rsp)
    jne exit_full
    mov V_info(%rsp), %rcx
    cmpb $0, XEN_VCPU_INFO_PENDING(%rcx)
    jne hypercall_pending
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r10(%rsp), %r10
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9

/* The registers but RAX, RCX, R11 and RSP are loaded. */
exit_by_sysret:
    mov R_rax(%rsp), %rax
    mov R_rip(%rsp), %rcx
    mov %rcx, %r11
    sar $47, %r11
    jnz not_low
can_sysret:
    mov R_rflags(%rsp), %r11
    mov R_rsp(%rsp), %rsp
    sysretq

/* On Intel's CPUs SYSRET faults in ring 0 if RCX is not canonical. */
not_low:
    inc %r11
    jz can_sysret
    jmp iret_canonical

hypercall_pending:
    cmpb $0, XEN_VCPU_INFO_MASK(%rcx)
    jne 1f
    call trap_upcall
1:  cmpb $0, V_full_exit(%rsp)
    jne exit_full
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r10(%rsp), %r10
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9
    jmp exit_by_sysret

no_hypercall:
    mov %rax, %rdi
    call hypercall_unknown
    jmp hypercall_return
END syscall_entry

/*
 * From user mode: to the guest's kernel, with a frame on its stack. All other
 * registers stay where they are.
 */
FUNCTION system_call
    cmpq $0, V_syscall_entry(%rsp)
    je 8f
    mov %rax, R_rax(%rsp)
    mov %rbx, R_rbx(%rsp)
    mov V_kernel_root(%rsp), %rax
    mov %rax, %cr3
    swapgs
    movb $1, V_kernel_mode(%rsp)
    mov V_kernel_stack(%rsp), %rax
1:  movq $FLAT_RING3_SS64, -8(%rax)
    mov R_rsp(%rsp), %rbx
2:  mov %rbx, -16(%rax)
3:  mov %rcx, -40(%rax)
4:  mov %rcx, -56(%rax)
5:  mov %r11, -48(%rax)
    /* RFLAGS.IF is the inverse of the mask, which goes behind CS. */
    mov V_info(%rsp), %rbx
    movzbl XEN_VCPU_INFO_MASK(%rbx), %ecx
    and $~RFLAGS_IOPL, %r11d
    or V_shown_iopl(%rsp), %r11d
    test %ecx, %ecx
    jz 6f
    and $~RFLAGS_IF, %r11d
6:  mov %r11, -24(%rax)
    shl $32, %rcx
    or $FLAT_RING3_CS64, %rcx
7:  mov %rcx, -32(%rax)
    FIXUP 1b, system_call_fault
    FIXUP 2b, system_call_fault
    FIXUP 3b, system_call_fault
    FIXUP 4b, system_call_fault
    FIXUP 5b, system_call_fault
    FIXUP 6b, system_call_fault
    FIXUP 7b, system_call_fault
    sub $56, %rax
    mov %rax, R_rsp(%rsp)
    movzbl V_syscall_masks(%rsp), %ecx
    or %cl, XEN_VCPU_INFO_MASK(%rbx)
    mov V_syscall_entry(%rsp), %rcx
    mov %rcx, R_rip(%rsp)
    andl $~RFLAGS_CLEARED, R_rflags(%rsp)
    cmpb $0, XEN_VCPU_INFO_PENDING(%rbx)
    jne 9f
    mov R_rbx(%rsp), %rbx
    jmp exit_by_sysret

8:  call system_call_unset
    ud2

    /* An event as well, unless it is masked by now. */
9:  cmpb $0, XEN_VCPU_INFO_MASK(%rbx)
    mov R_rbx(%rsp), %rbx
    jne exit_by_sysret
    mov %rdi, R_rdi(%rsp)
    mov %rsi, R_rsi(%rsp)
    mov %rdx, R_rdx(%rsp)
    mov %r10, R_r10(%rsp)
    mov %r8, R_r8(%rsp)
    mov %r9, R_r9(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %r11, R_r11(%rsp)
    call trap_upcall
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r10(%rsp), %r10
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9
    jmp exit_by_sysret
END system_call

/*
 * SYSCALL of 32-bit code, which only AMD's CPUs have, and SYSENTER: as an
 * exception with a vector of its own. SYSENTER's RSP is where an exception's
 * would be; it keeps neither the user's RIP nor RSP.
 */
FUNCTION syscall32_entry
    mov %rcx, R_rip(%rsp)
    mov %r11, R_rflags(%rsp)
    movq $FLAT_RING3_CS32, R_cs(%rsp)
    movq $FLAT_RING3_SS64, R_ss(%rsp)
    movq $0, R_error(%rsp)
    movl $TRAP_SYSCALL32, R_vector(%rsp)
    add $R_error, %rsp
    jmp trap_common
END syscall32_entry

FUNCTION sysenter_entry
    pushq $FLAT_RING3_SS64
    pushq $0
    pushfq
    orl $RFLAGS_IF, (%rsp)
    pushq $RFLAGS_ONE /* it clears neither NT nor AC */
    popfq
    pushq $FLAT_RING3_CS32
    pushq $0
    pushq $0
    movl $TRAP_SYSENTER, 4(%rsp)
    jmp trap_common
END sysenter_entry

/* The other registers are still the guest's. */
FUNCTION system_call_fault
    call system_call_stack
    ud2
END system_call_fault

/*
 * #DB, on a stack of its own: behind a MOV to SS it comes at SYSCALL's first
 * instruction, with the guest's RSP (CVE-2018-8897). If the guest had it, its
 * frame goes to where those of others are.
 */
#define DEBUG_TO_REGS                                                          \
    (AREA_VCPU + VCPU_REGS + R_error - (AREA_DEBUG - (R_end - R_error) - 8))

FUNCTION trap_debug
    testb $3, R_cs - R_error(%rsp)
    jz trap_common
    push %rax
    mov 8(%rsp), %rax
    mov %rax, DEBUG_TO_REGS(%rsp)
    mov 8 + R_rip - R_error(%rsp), %rax
    mov %rax, DEBUG_TO_REGS + R_rip - R_error(%rsp)
    mov 8 + R_cs - R_error(%rsp), %rax
    mov %rax, DEBUG_TO_REGS + R_cs - R_error(%rsp)
    mov 8 + R_rflags - R_error(%rsp), %rax
    mov %rax, DEBUG_TO_REGS + R_rflags - R_error(%rsp)
    mov 8 + R_rsp - R_error(%rsp), %rax
    mov %rax, DEBUG_TO_REGS + R_rsp - R_error(%rsp)
    mov 8 + R_ss - R_error(%rsp), %rax
    mov %rax, DEBUG_TO_REGS + R_ss - R_error(%rsp)
    mov (%rsp), %rax
    lea DEBUG_TO_REGS(%rsp), %rsp
    jmp trap_common
END trap_debug

/* An exception or interrupt: RSP is at the vector, behind it the CPU's frame. */
FUNCTION trap_common
    sub $R_error, %rsp
    mov %rdi, R_rdi(%rsp)
    mov %rsi, R_rsi(%rsp)
    mov %rdx, R_rdx(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %rax, R_rax(%rsp)
    mov %r8, R_r8(%rsp)
    mov %r9, R_r9(%rsp)
    mov %r10, R_r10(%rsp)
    mov %r11, R_r11(%rsp)
    mov %rbx, R_rbx(%rsp)
    mov %rbp, R_rbp(%rsp)
    mov %r12, R_r12(%rsp)
    mov %r13, R_r13(%rsp)
    mov %r14, R_r14(%rsp)
    mov %r15, R_r15(%rsp)
    cld
    mov %rsp, %rdi
    testb $3, R_cs(%rsp)
    jz from_shim
    call trap_from_guest

/* To where the registers say, all of them; at the end of the stack. */
    .globl exit_full
    .hidden exit_full
exit_full:
    movb $0, V_full_exit(%rsp)
    mov V_info(%rsp), %rcx
    cmpb $0, XEN_VCPU_INFO_PENDING(%rcx)
    je 1f
    cmpb $0, XEN_VCPU_INFO_MASK(%rcx)
    jne 1f
    call trap_upcall
    movb $0, V_full_exit(%rsp)
1:  mov R_rbx(%rsp), %rbx
    mov R_rbp(%rsp), %rbp
    mov R_r12(%rsp), %r12
    mov R_r13(%rsp), %r13
    mov R_r14(%rsp), %r14
    mov R_r15(%rsp), %r15
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9
    mov R_r10(%rsp), %r10
iret_canonical:
    mov R_rax(%rsp), %rax
    mov R_rcx(%rsp), %rcx
    mov R_r11(%rsp), %r11
    add $R_rip, %rsp
    .globl trap_iret
    .hidden trap_iret
trap_iret:
    iretq

from_shim:
    call trap_from_shim
    mov R_rbx(%rsp), %rbx
    mov R_rbp(%rsp), %rbp
    mov R_r12(%rsp), %r12
    mov R_r13(%rsp), %r13
    mov R_r14(%rsp), %r14
    mov R_r15(%rsp), %r15
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9
    mov R_r10(%rsp), %r10
    mov R_r11(%rsp), %r11
    mov R_rax(%rsp), %rax
    mov R_rcx(%rsp), %rcx
    add $R_rip, %rsp
    iretq
END trap_common

/* trap_leave(vcpu): to the guest, from wherever the stack is. */
FUNCTION trap_leave
    lea VCPU_REGS(%rdi), %rsp
    jmp exit_full
END trap_leave

/* An entry for each vector, 16 bytes apart. */
    .balign 16
    .globl trap_entries
    .hidden trap_entries
trap_entries:
    vector = 0
    .rept 256
    .balign 16
    .if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || \
        vector == 21
    .else
    push $0
    .endif
    movl $vector, 4(%rsp)
    .if vector == 1
    jmp trap_debug
    .else
    jmp trap_common
    .endif
    vector = vector + 1
    .endr

    .section .note.GNU-stack, "", @progbits
