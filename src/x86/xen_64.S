/* SPDX-License-Identifier: MIT */
/*
 * Xen PV: the ops of the quick convention, and the way into and out of an
 * exception. A kernel runs in ring 3 there; RFLAGS.IF is a byte in vcpu_info,
 * evtchn_upcall_mask, the other way round.
 *
 * Each irq op is here twice: by a pointer, for the boot CPU before its
 * pvops_cpu_setup() and where vcpu_info is not the library's; and by the
 * segment of this CPU, in one instruction, which no change of the CPU can
 * come between.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, struct vcpu_info; arch-x86/
 *         xen-x86_64.h, HYPERVISOR_iret; xen/arch/x86/x86_64/entry.S,
 *         create_bounce_frame (what is on the stack).
 */
#include <pvops/config.h>

#if defined(__x86_64__) && PVOPS_FULL
#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "x86/body.h"
#include "xen.h"

#define VCPU_INFO PVOPS_CPU_OFFSET + PVOPS_OFF_xen_vcpu_info
#define OWN_MASK    %PVOPS_CPU_SEGMENT:VCPU_INFO + XEN_VCPU_INFO_MASK
#define OWN_PENDING %PVOPS_CPU_SEGMENT:VCPU_INFO + XEN_VCPU_INFO_PENDING
#define OWN_CR2     %PVOPS_CPU_SEGMENT:VCPU_INFO + XEN_VCPU_INFO_CR2
#define OWN_CR3     %PVOPS_CPU_SEGMENT:PVOPS_CPU_OFFSET + PVI_OFF_xen_cr3

#define PTE_PRESENT 1
#define PTE_MACHINE 0x800 /* PVOPS_PTE_MACHINE */
#define PTE_ADDRESS 0x000ffffffffff000
#define PTE_USER    4
#define PTE_GLOBAL  0x100

.macro ENTER_XEN
#if PVOPS_XENSHIM
    call xenshim_hypercall
#else
    syscall
#endif
.endm

.macro FUNCTION name:req
    .balign 4
    .globl \name
    .type \name, @function
\name:
#if defined(__CET__) && (__CET__ & 1)
    endbr64
#endif
.endm

.macro END name:req
    .size \name, . - \name
.endm

PVI_BODIES pvi_bodies_xen_pv

/* From "compared with 0" to RFLAGS.IF, in RAX. */
.macro FLAGS_OF_MASK
    mov $0, %eax
    sete %ah
    add %ah, %ah
.endm

FUNCTION pvi_xen_pv_boot_save_flags
    mov pvi_xen_pv_vcpu_info(%rip), %rax
    cmpb $0, XEN_VCPU_INFO_MASK(%rax)
    FLAGS_OF_MASK
    ret
END pvi_xen_pv_boot_save_flags

FUNCTION pvi_xen_pv_save_flags
    cmpb $0, OWN_MASK
    FLAGS_OF_MASK
    ret
END pvi_xen_pv_save_flags

FUNCTION pvi_xen_pv_boot_disable
    push %rax
    mov pvi_xen_pv_vcpu_info(%rip), %rax
    movb $1, XEN_VCPU_INFO_MASK(%rax)
    pop %rax
    ret
END pvi_xen_pv_boot_disable

FUNCTION pvi_xen_pv_disable
    movb $1, OWN_MASK
    ret
END pvi_xen_pv_disable

/*
 * Xen makes an upcall when it returns to the domain: at once for an event that
 * comes after the mask was cleared, and for one that waited at the next
 * hypercall, whichever it is. A change of the CPU between the two tests a
 * pending flag for nothing.
 */
FUNCTION pvi_xen_pv_boot_enable
    push %rax
    mov pvi_xen_pv_vcpu_info(%rip), %rax
    movb $0, XEN_VCPU_INFO_MASK(%rax)
    cmpb $0, XEN_VCPU_INFO_PENDING(%rax)
    pop %rax
    jne take_events
    ret
END pvi_xen_pv_boot_enable

FUNCTION pvi_xen_pv_enable
    movb $0, OWN_MASK
    cmpb $0, OWN_PENDING
    jne take_events
    ret
END pvi_xen_pv_enable

/* xen_version(XENVER_version, NULL), for its return. Keeps every register. */
take_events:
    push %rax
    push %rcx
    push %rsi
    push %rdi
    push %r11
    mov $__HYPERVISOR_xen_version, %eax
    xor %edi, %edi
    xor %esi, %esi
    ENTER_XEN
    pop %r11
    pop %rdi
    pop %rsi
    pop %rcx
    pop %rax
    ret

FUNCTION pvi_xen_pv_boot_read_cr2
    mov pvi_xen_pv_vcpu_info(%rip), %rax
    mov XEN_VCPU_INFO_CR2(%rax), %rax
    ret
END pvi_xen_pv_boot_read_cr2

FUNCTION pvi_xen_pv_read_cr2
    mov OWN_CR2, %rax
    ret
END pvi_xen_pv_read_cr2

FUNCTION pvi_xen_pv_boot_read_cr3
    mov pvi_xen_pv_cr3(%rip), %rax
    ret
END pvi_xen_pv_boot_read_cr3

FUNCTION pvi_xen_pv_read_cr3
    mov OWN_CR3, %rax
    ret
END pvi_xen_pv_read_cr3

/*
 * A present entry has a machine address in it, unless it is a device's. One
 * that is not present, and not 0, has its address bits inverted, and so back.
 * Xen adds the user bit, and to a page of the kernel's its own bit 52, so that
 * it can tell them apart; both go. To a page of the user's it adds the global
 * bit; that goes too, and no kernel may have set it, because there is no
 * PVOPS_CAP_LARGE_PAGES.
 */
FUNCTION pvi_xen_pv_read_entry
    mov (%rdi), %rax
    jmp value
END pvi_xen_pv_read_entry

FUNCTION pvi_xen_pv_entry_value
    mov %rdi, %rax
value:
    test $PTE_PRESENT, %al
    jz not_present
    and $~PTE_GLOBAL, %rax
    btr $XEN_PTE_GUEST_KERNEL_BIT, %rax
    jnc 3f
    and $~PTE_USER, %rax
3:  test $PTE_MACHINE, %eax
    jnz 2f
    push %rcx
    push %rdx
    movabs $PTE_ADDRESS, %rcx
    mov %rax, %rdx
    and %rcx, %rdx
    xor %rdx, %rax
    shr $(12 - 3), %rdx
    add pvi_xen_pv_m2p(%rip), %rdx
    mov (%rdx), %rdx
    shl $12, %rdx
    or %rdx, %rax
    pop %rdx
    pop %rcx
2:  ret
END pvi_xen_pv_entry_value

not_present:
    test %rax, %rax
    jz 2f
    push %rcx
    movabs $PTE_ADDRESS, %rcx
    xor %rcx, %rax
    pop %rcx
2:  ret

FUNCTION pvi_xen_pv_make_entry
    mov %rdi, %rax
    test $PTE_PRESENT, %al
    jz not_present
    test $PTE_MACHINE, %eax
    jnz 2f
    push %rcx
    push %rdx
    movabs $PTE_ADDRESS, %rcx
    mov %rax, %rdx
    and %rcx, %rdx
    xor %rdx, %rax
    shr $12, %rdx
    cmp pvi_xen_pv_frames(%rip), %rdx
    jae no_page
    mov pvi_xen_pv_p2m(%rip), %rcx
    mov (%rcx, %rdx, 8), %rcx
    cmp $-1, %rcx
    je no_page
    shl $12, %rcx
    or %rcx, %rax
    pop %rdx
    pop %rcx
2:  ret
END pvi_xen_pv_make_entry

no_page:
    mov %rdx, %rdi
    and $-16, %rsp
    call pvi_xen_pv_no_page
    ud2

/* Xen puts RCX and R11 on top, because SYSCALL and SYSRET change them. */
FUNCTION pvi_xen_pv_entry
    mov 8(%rsp), %rcx
    mov 16(%rsp), %r11
    ret $16
PVI_INLINE
    pop %rcx
    pop %r11
PVI_BODY_END pvi_xen_pv_entry

/*
 * Jumped to. The hypercall alone restores RFLAGS.IF and returns in one step;
 * it keeps every register, and takes these four, and no flag, from the stack.
 */
FUNCTION pvi_xen_pv_iret
    push $0
    push %rcx
    push %r11
    push %rax
    mov $__HYPERVISOR_iret, %eax
    ENTER_XEN
    ud2
END pvi_xen_pv_iret

/*
 * Called, and never returns: where the return address is the flags go. With
 * VGCF_in_syscall Xen takes RAX alone from the stack, and returns by SYSRET.
 */
FUNCTION pvi_xen_pv_sysret
    movq $VGCF_in_syscall, (%rsp)
    sub $16, %rsp
    push %rax
    mov $__HYPERVISOR_iret, %eax
    ENTER_XEN
    ud2
END pvi_xen_pv_sysret

/* Xen exchanges the bases itself when it changes the mode. */
PVI_BODY pvi_xen_pv_swapgs
PVI_BODY_END pvi_xen_pv_swapgs

/* Entered by Xen when it could not return as it was told. */
FUNCTION pvi_xen_pv_failsafe
    mov %rsp, %rdi
    and $-16, %rsp
    call pvi_xen_pv_failed
END pvi_xen_pv_failsafe

PVI_BODIES_END
#endif

    .section .note.GNU-stack, "", @progbits
