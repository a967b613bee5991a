/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of a signal on its stack, and gives back.
 *
 * Source: Linux arch/x86/include/asm/sigframe.h (rt_sigframe);
 *         arch/x86/include/uapi/asm/sigcontext.h (sigcontext_64,
 *         _fpx_sw_bytes), ucontext.h (UC_*), signal.h (SA_*, struct sigaction
 *         as the kernel has it); include/uapi/asm-generic/siginfo.h,
 *         ucontext.h, signal-defs.h (SA_*); include/uapi/linux/signal.h (SS_*).
 */
#ifndef PVK_PROC_SIGNAL_ABI_H
#define PVK_PROC_SIGNAL_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Handlers that are none. */
enum { SIG_DFL = 0, SIG_IGN = 1 };

#define SA_NOCLDSTOP      0x00000001u
#define SA_NOCLDWAIT      0x00000002u
#define SA_SIGINFO        0x00000004u
#define SA_EXPOSE_TAGBITS 0x00000800u
#define SA_RESTORER       0x04000000u
#define SA_ONSTACK        0x08000000u
#define SA_RESTART        0x10000000u
#define SA_NODEFER        0x40000000u
#define SA_RESETHAND      0x80000000u

enum { SEGV_MAPERR = 1, SEGV_ACCERR = 2, SI_KERNEL = 0x80 };

enum { SS_DISABLE = 2 }; /* no stack of sigaltstack() */

enum { UC_FP_XSTATE = 1, UC_SIGCONTEXT_SS = 2, UC_STRICT_RESTORE_SS = 4 };

struct sigaction {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask; /* a bit each, signal 1 the lowest */
};
_Static_assert(sizeof(struct sigaction) == 32, "sigaction");

struct sigcontext {
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t di, si, bp, bx, dx, ax, cx, sp, ip, flags;
    uint16_t cs, gs, fs, ss;
    uint64_t err, trapno, oldmask, cr2;
    uint64_t fpstate; /* where; 0: none */
    uint64_t reserved[8];
};
_Static_assert(sizeof(struct sigcontext) == 256 &&
                   offsetof(struct sigcontext, fpstate) == 184,
               "sigcontext");

struct siginfo {
    int32_t signo, error, code;
    uint32_t pad;
    uint64_t address;
    uint64_t rest[13];
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo");

struct rt_sigframe {
    uint64_t return_to; /* the handler's RET takes it */
    uint64_t uc_flags, uc_link;
    uint64_t stack_sp, stack_flags, stack_bytes;
    struct sigcontext context;
    uint64_t mask; /* what was blocked before */
    struct siginfo info;
};
_Static_assert(sizeof(struct rt_sigframe) == 440 &&
                   offsetof(struct rt_sigframe, context) == 48 &&
                   offsetof(struct rt_sigframe, mask) == 304,
               "rt_sigframe");

/*
 * In the bytes of FXSAVE's area that are the software's: that behind it XSAVE's
 * header and the rest follow, and how long all is.
 */
#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u /* behind the last byte of XSAVE's */

struct fpx_sw_bytes {
    uint32_t magic1;
    uint32_t extended_bytes; /* FP_XSTATE_MAGIC2 included */
    uint64_t features;       /* as in XCR0 */
    uint32_t xstate_bytes;
    uint32_t padding[7];
};
_Static_assert(sizeof(struct fpx_sw_bytes) == 48, "_fpx_sw_bytes");

enum { FPX_SW_AT = 464 }; /* in FXSAVE's area */

#endif /* PVK_PROC_SIGNAL_ABI_H */
