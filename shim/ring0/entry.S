/* SPDX-License-Identifier: MIT */
/*
 * Every way into the shim of libxenshim.a, and back: trap/entry.S for a guest
 * whose kernel is in ring 0.
 *
 * The kernel calls, and takes exceptions and interrupts, on its own stack; from
 * there its registers go to struct vcpu, which the limit of a segment finds. C
 * runs on the CPU's own stack, as ever. Who was interrupted, shim or kernel, is
 * told by the stack pointer.
 */
#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "layout.h"
#include "trap/offsets.h"

#define RFLAGS_IF      0x200
#define RFLAGS_ONE     0x2
#define RFLAGS_IOPL    0x3000
#define RFLAGS_CLEARED 0x54500 /* AC, RF, NT, DF, TF: at an entry */

/* SHIM_CPUS to its end, by the bits above CPUS_BYTES, which is 1 << 29. */
#define CPUS_BITS  29
#define CPUS_SLICE ((SHIM_CPUS >> CPUS_BITS & 0x7ffffffff) - 0x800000000)

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

    .macro FIXUP at:req, instead:req
    .pushsection .fixups, "a"
    .balign 8
    .quad \at, \instead
    .popsection
    .endm

/* What a system call, or a function, keeps in any case; and what it may not. */
    .macro SAVE_KEPT base:req
    mov %rbx, R_rbx(\base)
    mov %rbp, R_rbp(\base)
    mov %r12, R_r12(\base)
    mov %r13, R_r13(\base)
    mov %r14, R_r14(\base)
    mov %r15, R_r15(\base)
    .endm

    .macro SAVE_ARGUMENTS base:req
    mov %rdi, R_rdi(\base)
    mov %rsi, R_rsi(\base)
    mov %rdx, R_rdx(\base)
    mov %r10, R_r10(\base)
    mov %r8, R_r8(\base)
    mov %r9, R_r9(\base)
    .endm

    .macro LOAD_ARGUMENTS
    mov R_rdi(%rsp), %rdi
    mov R_rsi(%rsp), %rsi
    mov R_rdx(%rsp), %rdx
    mov R_r10(%rsp), %r10
    mov R_r8(%rsp), %r8
    mov R_r9(%rsp), %r9
    .endm

    .macro LOAD_REST
    mov R_rbx(%rsp), %rbx
    mov R_rbp(%rsp), %rbp
    mov R_r12(%rsp), %r12
    mov R_r13(%rsp), %r13
    mov R_r14(%rsp), %r14
    mov R_r15(%rsp), %r15
    mov R_rax(%rsp), %rax
    mov R_rcx(%rsp), %rcx
    mov R_r11(%rsp), %r11
    .endm

/* The registers of this CPU's struct vcpu: SHIM_ID's limit is ID << 16 | 0xfff. */
    .macro FIND_VCPU r64:req, r32:req
    mov $SHIM_ID, \r32
    lsl \r32, \r32
    add registers_0(%rip), \r64
    .endm

    .text
    .balign 8
registers_0:
    .quad SHIM_CPUS + AREA_VCPU + VCPU_REGS - 0xfff

/*
 * From xenshim_hypercall, or the page of hypercalls: RAX is the number, the
 * return address is on the kernel's stack.
 */
FUNCTION hypercall_entry
    cli
    pop %rcx
    FIND_VCPU %r11, %r11d
    mov %rsp, R_rsp(%r11)
    mov %r11, %rsp
    mov %rcx, R_rip(%rsp)
    movq $(RFLAGS_IF | RFLAGS_ONE), R_rflags(%rsp)
    movq $KERNEL_CS, R_cs(%rsp)
    movq $KERNEL_SS, R_ss(%rsp)
    mov %rax, R_rax(%rsp)
    SAVE_ARGUMENTS %rsp
    SAVE_KEPT %rsp
    mov %r10, %rcx
    cmp hypercall_count(%rip), %rax
    jae no_hypercall
    lea hypercalls(%rip), %r11
    call *(%r11,%rax,8)

/* RAX: the guest's. HYPERVISOR_iret may have gone to user mode. */
hypercall_return:
    mov %rax, R_rax(%rsp)
    cmpb $0, V_full_exit(%rsp)
    jne exit_full
    cmpb $0, V_kernel_mode(%rsp)
    je exit_user
    mov V_info(%rsp), %rcx
    cmpb $0, XEN_VCPU_INFO_PENDING(%rcx)
    jne exit_full
    LOAD_ARGUMENTS
    mov R_rip(%rsp), %rcx
    mov R_rsp(%rsp), %rsp
    sti /* at the next but one instruction */
    jmp *%rcx

no_hypercall:
    mov %rax, %rdi
    call hypercall_unknown
    jmp hypercall_return
END hypercall_entry

/*
 * To a system call's end, unless an event is pending and not masked, or SYSRET
 * would fault in ring 0 because RCX is not canonical.
 */
FUNCTION exit_user
    mov V_info(%rsp), %rcx
    cmpb $0, XEN_VCPU_INFO_PENDING(%rcx)
    je 1f
    cmpb $0, XEN_VCPU_INFO_MASK(%rcx)
    je 2f
1:  mov R_rip(%rsp), %rcx
    mov %rcx, %r11
    shr $47, %r11
    jnz 2f
    LOAD_ARGUMENTS
    mov R_rax(%rsp), %rax
    mov R_rflags(%rsp), %r11
    mov R_rsp(%rsp), %rsp
    sysretq

2:  mov R_rip(%rsp), %rcx
    mov %rcx, R_rcx(%rsp)
    mov R_rflags(%rsp), %r11
    mov %r11, R_r11(%rsp)
    jmp exit_full
END exit_user

/* Copied to AREA_STUB of each CPU's area, where SYSCALL begins. */
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

/*
 * The kernel's own SYSCALL is a hypercall; its RFLAGS are as they were after
 * it, and nothing is on its stack.
 */
FUNCTION syscall_entry
    cmpb $0, V_kernel_mode(%rsp)
    je system_call
    mov %rcx, R_rip(%rsp)
    mov %r11, R_rflags(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %r11, R_r11(%rsp)
    movq $KERNEL_CS, R_cs(%rsp)
    movq $KERNEL_SS, R_ss(%rsp)
    mov %rax, R_rax(%rsp)
    SAVE_ARGUMENTS %rsp
    SAVE_KEPT %rsp
    mov %r10, %rcx
    cmp hypercall_count(%rip), %rax
    jae 1f
    lea hypercalls(%rip), %r11
    call *(%r11,%rax,8)
2:  cmpb $0, V_kernel_mode(%rsp)
    je hypercall_return
    mov %rax, R_rax(%rsp)
    jmp exit_full

1:  mov %rax, %rdi
    call hypercall_unknown
    jmp 2b
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
    lea -56(%rax), %r11
    movzbl V_syscall_masks(%rsp), %ecx
    or %cl, XEN_VCPU_INFO_MASK(%rbx)
    mov V_syscall_entry(%rsp), %rcx
    cmpb $0, XEN_VCPU_INFO_PENDING(%rbx)
    jne 9f
1:  mov R_rbx(%rsp), %rbx
    mov R_rax(%rsp), %rax
    mov %r11, %rsp
    sti
    jmp *%rcx

8:  mov %rcx, R_rip(%rsp)
    mov %r11, R_rflags(%rsp)
    call system_call_unset
    ud2

    /* An event as well, unless it is masked by now. */
9:  cmpb $0, XEN_VCPU_INFO_MASK(%rbx)
    jne 1b
    mov %rcx, R_rip(%rsp)
    mov %r11, R_rsp(%rsp)
    movq $(RFLAGS_IF | RFLAGS_ONE), R_rflags(%rsp)
    movq $KERNEL_CS, R_cs(%rsp)
    movq $KERNEL_SS, R_ss(%rsp)
    mov R_rbx(%rsp), %rbx
    SAVE_ARGUMENTS %rsp
    SAVE_KEPT %rsp
    jmp exit_full
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
    mov %rcx, R_rip(%rsp)
    call system_call_stack
    ud2
END system_call_fault

/*
 * #DB, on a stack of its own: behind a MOV to SS it comes at SYSCALL's first
 * instruction, with the user's RSP (CVE-2018-8897). The shim had it if that or
 * RIP is in a CPU's area, where SYSCALL begins.
 */
#define DEBUG_TO_REGS                                                          \
    (AREA_VCPU + VCPU_REGS + R_error - (AREA_DEBUG - (R_end - R_error) - 8))

FUNCTION trap_debug
    testb $3, R_cs - R_error(%rsp)
    jnz 1f
    push %rax
    mov 8 + R_rsp - R_error(%rsp), %rax
    sar $CPUS_BITS, %rax
    cmp $CPUS_SLICE, %rax
    je from_shim
    mov 8 + R_rip - R_error(%rsp), %rax
    sar $CPUS_BITS, %rax
    cmp $CPUS_SLICE, %rax
    je from_shim
    jmp from_kernel

1:
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
    jmp from_user
END trap_debug

/*
 * An exception or interrupt: RSP is at the vector, behind it the CPU's frame.
 * From user mode that is in struct vcpu already, from elsewhere on the stack
 * that was in use.
 */
FUNCTION trap_common
    testb $3, R_cs - R_error(%rsp)
    jnz from_user
    push %rax
    mov %rsp, %rax
    sar $CPUS_BITS, %rax
    cmp $CPUS_SLICE, %rax
    je from_shim

from_kernel:
    FIND_VCPU %rax, %eax
    mov %rcx, R_rcx(%rax)
    mov %r11, R_r11(%rax)
    SAVE_ARGUMENTS %rax
    SAVE_KEPT %rax
    pop %rcx
    mov %rcx, R_rax(%rax)
    mov R_error - R_error(%rsp), %rcx
    mov R_rip - R_error(%rsp), %rdx
    mov R_cs - R_error(%rsp), %rsi
    mov R_rflags - R_error(%rsp), %rdi
    mov R_rsp - R_error(%rsp), %r8
    mov R_ss - R_error(%rsp), %r9
    mov %rcx, R_error(%rax)
    mov %rdx, R_rip(%rax)
    mov %rsi, R_cs(%rax)
    mov %rdi, R_rflags(%rax)
    mov %r8, R_rsp(%rax)
    mov %r9, R_ss(%rax)
    mov %rax, %rsp
    jmp 1f

from_user:
    sub $R_error, %rsp
    mov %rax, R_rax(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %r11, R_r11(%rsp)
    SAVE_ARGUMENTS %rsp
    SAVE_KEPT %rsp
1:  cld
    mov %rsp, %rdi
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
1:  LOAD_ARGUMENTS
    LOAD_REST
    add $R_rip, %rsp
    .globl trap_iret
    .hidden trap_iret
trap_iret:
    iretq

from_shim:
    pop %rax
    sub $R_error, %rsp
    mov %rax, R_rax(%rsp)
    mov %rcx, R_rcx(%rsp)
    mov %r11, R_r11(%rsp)
    SAVE_ARGUMENTS %rsp
    SAVE_KEPT %rsp
    cld
    mov %rsp, %rdi
    call trap_from_shim
    LOAD_ARGUMENTS
    LOAD_REST
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
