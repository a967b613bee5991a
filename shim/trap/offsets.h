/* SPDX-License-Identifier: MIT */
/*
 * What assembly reads of struct vcpu, from its registers on; and of those.
 * domain/vcpu.h checks the numbers.
 */
#ifndef SHIM_TRAP_OFFSETS_H
#define SHIM_TRAP_OFFSETS_H

/* struct cpu_user_regs; the CPU's own frame is from R_error on. */
#define R_r15    0
#define R_r14    8
#define R_r13    16
#define R_r12    24
#define R_rbp    32
#define R_rbx    40
#define R_r11    48
#define R_r10    56
#define R_r9     64
#define R_r8     72
#define R_rax    80
#define R_rcx    88
#define R_rdx    96
#define R_rsi    104
#define R_rdi    112
#define R_error  120
#define R_vector 124
#define R_rip    128
#define R_cs     136
#define R_rflags 144
#define R_rsp    152
#define R_ss     160
#define R_end    168

/* In struct vcpu, where the registers are; the others from there. */
#define VCPU_REGS       8
#define V_info          200
#define V_kernel_root   208
#define V_user_root     216
#define V_kernel_stack  224
#define V_syscall_entry 232
#define V_kernel_mode   240
#define V_syscall_masks 241
#define V_full_exit     242
#define V_shown_iopl    244

/* Vectors that no gate has: how 32-bit code calls its kernel. */
#define TRAP_SYSCALL32 256
#define TRAP_SYSENTER  257

/* Of the shim's own part of the GDT, which is as Xen's. */
#define SHIM_CS       0xe008
#define SHIM_SS       0xe010
#define SHIM_TSS      0xe040
#define SHIM_LDT      0xe050
#define SHIM_ID       0xe060 /* its limit tells which CPU this is */
#define SHIM_GDT_LAST 0xe068

/* With which the guest's kernel runs: ring0/entry.S, or trap/entry.S. */
#ifdef SHIM_RING0
#define KERNEL_RING 0
#define KERNEL_CS   SHIM_CS
#define KERNEL_SS   SHIM_SS
#else
#define KERNEL_RING 3
#define KERNEL_CS   FLAT_RING3_CS64
#define KERNEL_SS   FLAT_RING3_SS64
#endif

#endif /* SHIM_TRAP_OFFSETS_H */
