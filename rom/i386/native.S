/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The calls of VMI 3.0 as the bare machine has them.
 *
 * Arguments are in EAX, EDX, ECX, then on the stack, which the caller pops; a
 * result in EAX, or EDX:EAX. A routine may change EAX, ECX, EDX and the flags,
 * unless it is said here that it keeps them. VMI needs a P6 or later.
 */

    .macro routine name
    .section .text.\name, "ax", @progbits
    .globl \name
    .hidden \name
    .type \name, @function
\name:
    .endm

/*
 * For what the bare machine need not be told: 14 (Linux and libpvops have
 * stored the stack in the TSS), 40, 41, 44, 45, 48, 73.
 */
routine native_return
    ret

/* In EAX, ECX; out EAX, EBX, ECX, EDX, as the instruction. */
routine native_cpuid
    cpuid
    ret

routine native_wrmsr
    wrmsr
    ret

routine native_rdmsr
    rdmsr
    ret

routine native_rdpmc
    rdpmc
    ret

routine native_rdtsc
    rdtsc
    ret

/* EAX: limit and base. Selectors are reloaded by whoever changed them. */
routine native_set_gdt
    lgdt (%eax)
    ret

routine native_set_idt
    lidt (%eax)
    ret

routine native_set_ldt
    lldt %ax
    ret

routine native_set_tr
    ltr %ax
    ret

routine native_get_gdt
    sgdt (%eax)
    ret

routine native_get_idt
    sidt (%eax)
    ret

routine native_get_ldt
    xorl %eax, %eax
    sldt %ax
    ret

routine native_get_tr
    xorl %eax, %eax
    str %ax
    ret

    .irp register, cr0, cr2, cr3, cr4
routine native_set_\register
    movl %eax, %\register
    ret

routine native_get_\register
    movl %\register, %eax
    ret
    .endr

routine native_wbinvd
    wbinvd
    ret

routine native_clts
    clts
    ret

/* EAX: number, EDX: value. A MOV and a RET are four bytes. */
routine native_set_dr
    andl $7, %eax
    call 1f
1:  popl %ecx
    leal 2f - 1b(%ecx, %eax, 4), %ecx
    jmp *%ecx
2:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    movl %edx, %db\number
    ret
    .endr
    .if . - 2b != 8 * 4
    .error "a debug register's code is not of four bytes"
    .endif

routine native_get_dr
    andl $7, %eax
    call 1f
1:  popl %ecx
    leal 2f - 1b(%ecx, %eax, 4), %ecx
    jmp *%ecx
2:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    movl %db\number, %eax
    ret
    .endr
    .if . - 2b != 8 * 4
    .error "a debug register's code is not of four bytes"
    .endif

/*
 * 29 to 32 keep every register but the result, and use no memory but the stack:
 * DS and ES may be a program's. They are called from patched sites.
 */
routine native_enable_interrupts
    sti
    ret

routine native_disable_interrupts
    cli
    ret

routine native_get_interrupt_mask
    pushfl
    popl %eax
    ret

routine native_set_interrupt_mask
    pushl %eax
    popfl
    ret

/* Jumped to: the frame is at ESP. DS to GS may be a program's already. */
routine native_iret
    iret

/* EDX: EIP, ECX: ESP. No interrupt comes between the two. */
routine native_sysexit
    sti
    sysexit

/* The same: none is lost before it waits. */
routine native_halt
    sti
    hlt
    ret

routine native_shutdown
    cli
1:  hlt
    jmp 1b

/* EAX: entry, EDX: where. */
routine native_set_pxe
    movl %eax, (%edx)
    ret

/*
 * EDX:EAX: entry, ECX: where. Another CPU must not see half of the new entry as
 * a present one: the half without the present bit is stored while the other is
 * of no importance, and a present entry is exchanged for one at once.
 */
routine native_set_pxe_long
    testb $1, %al
    jz 1f
    testb $1, (%ecx)
    jnz 2f
    movl %edx, 4(%ecx)
    movl %eax, (%ecx)
    ret
1:  movl %eax, (%ecx)
    movl %edx, 4(%ecx)
    ret
2:  pushl %ebx
    pushl %esi
    movl %ecx, %esi
    movl %eax, %ebx
    movl %edx, %ecx
    movl (%esi), %eax
    movl 4(%esi), %edx
3:  lock cmpxchg8b (%esi)
    jnz 3b
    popl %esi
    popl %ebx
    ret

routine native_inval_page
    invlpg (%eax)
    ret

/* EAX: 2 for global entries too, which outlive CR3 while CR4.PGE is set. */
routine native_flush_tlb
    testb $2, %al
    jz 1f
    movl %cr4, %eax
    testb $0x80, %al
    jz 1f
    movl %eax, %edx
    andb $0x7f, %al
    movl %eax, %cr4
    movl %edx, %cr4
    ret
1:  movl %cr3, %eax
    movl %eax, %cr3
    ret

/* EDX: port; EAX: value; EDI or ESI: memory; ECX: count. No other changes. */
routine native_inl
    inl %dx, %eax
    ret

routine native_inw
    inw %dx, %ax
    ret

routine native_inb
    inb %dx, %al
    ret

routine native_outl
    outl %eax, %dx
    ret

routine native_outw
    outw %ax, %dx
    ret

routine native_outb
    outb %al, %dx
    ret

    .irp width, l, w, b
routine native_ins\width
    rep ins\width
    ret

routine native_outs\width
    rep outs\width
    ret
    .endr

/* EAX: the level, where EFLAGS has it. */
routine native_set_iopl_mask
    pushfl
    andl $0x3000, %eax
    andl $~0x3000, (%esp)
    orl %eax, (%esp)
    popfl
    ret

/* A write that no device takes, which every PC has had time for. */
routine native_io_delay
    outb %al, $0x80
    ret

    .section .note.GNU-stack, "", @progbits
