/* SPDX-License-Identifier: MIT */
/*
 * What the stubs of traps_64.S and traps_32.S leave on the stack.
 */
#ifndef PVK_ARCH_FRAME_H
#define PVK_ARCH_FRAME_H

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
#else
struct trap_frame {
    uint32_t di, si, bp, unused_sp, bx, dx, cx, ax; /* PUSHA */
    uint32_t vector;
    uint32_t error;
    uint32_t ip, cs, flags; /* no SP: pvk has no user mode */
};
#endif

#endif /* PVK_ARCH_FRAME_H */
