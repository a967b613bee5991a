/* SPDX-License-Identifier: MIT */
/*
 * What the stubs of traps_64.S and traps_32.S, and the entry of system calls,
 * leave on the stack. Also read by assembly.
 */
#ifndef PVK_ARCH_FRAME_H
#define PVK_ARCH_FRAME_H

/*
 * 'vector' of a system call, and of one that leaves with all the frame's
 * registers: those of another program, or of what a handler interrupted.
 */
#define FRAME_SYSCALL       0x100
#define FRAME_ALL_REGISTERS 0x101

#ifdef __x86_64__
/* Offsets in struct trap_frame. */
#define FRAME_R10    40
#define FRAME_R9     48
#define FRAME_R8     56
#define FRAME_DI     72
#define FRAME_SI     80
#define FRAME_DX     88
#define FRAME_AX     112
#define FRAME_VECTOR 120
#define FRAME_IP     136
#define FRAME_CS     144
#endif

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t bp, di, si, dx, cx, bx, ax;
    uint64_t vector;
    uint64_t error; /* 0 if the CPU pushes none */
    /* As PVOPS_ASM_ENTRY leaves it, and as PVOPS_ASM_IRET takes it. */
    uint64_t ip, cs, flags, sp, ss;
};
_Static_assert(offsetof(struct trap_frame, r10) == FRAME_R10 &&
                   offsetof(struct trap_frame, r9) == FRAME_R9 &&
                   offsetof(struct trap_frame, r8) == FRAME_R8 &&
                   offsetof(struct trap_frame, di) == FRAME_DI &&
                   offsetof(struct trap_frame, si) == FRAME_SI &&
                   offsetof(struct trap_frame, dx) == FRAME_DX &&
                   offsetof(struct trap_frame, ax) == FRAME_AX &&
                   offsetof(struct trap_frame, vector) == FRAME_VECTOR &&
                   offsetof(struct trap_frame, ip) == FRAME_IP &&
                   offsetof(struct trap_frame, cs) == FRAME_CS &&
                   sizeof(struct trap_frame) % 16 == 0,
               "FRAME_*");
#else
struct trap_frame {
    uint32_t di, si, bp, unused_sp, bx, dx, cx, ax; /* PUSHA */
    uint32_t vector;
    uint32_t error;
    uint32_t ip, cs, flags; /* no SP: pvk has no user mode */
};
#endif

#elif defined(__x86_64__)
/* clang-format off */
/* The registers of struct trap_frame, below vector and error code. */
.macro FRAME_SAVE
    push %rax
    push %rbx
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %rbp
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
.endm

/* Vector and error code are taken off too. */
.macro FRAME_RESTORE
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rbp
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rbx
    pop %rax
    addq $16, %rsp
.endm
/* clang-format on */
#endif /* __ASSEMBLER__ */

#endif /* PVK_ARCH_FRAME_H */
