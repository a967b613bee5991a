/* SPDX-License-Identifier: MIT */
/*
 * SIGSEGV delivered to a handler, and the way back.
 *
 * What a program wants to go on with is its own to say, but for what would be
 * more than a program may: the selectors are the kernel's, of RFLAGS it has the
 * bits that POPF gives it, and RIP is in the lower half.
 *
 * Source: Linux arch/x86/kernel/signal.c, signal_64.c (the frame, its place,
 *         what is taken back), kernel/signal.c (rt_sigaction, a blocked or
 *         ignored signal that is forced), arch/x86/mm/fault.c (si_code, the
 *         error code).
 */
#include "proc/signal.h"

#include <pvops/cpu.h>

#include "proc/errno.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "proc/xstate.h"

enum { PAGE_FAULT = 14, RED_ZONE_BYTES = 128, SIGNALS = 64, SIGSTOP = 19 };
enum { ERROR_PRESENT = 1 };

/* Linux keeps the same; most of them change nothing here. */
#define FLAGS_KNOWN                                                            \
    (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS |            \
     SA_RESTORER | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND)

/* CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC: FIX_EFLAGS of Linux. */
#define FLAGS_OF_PROGRAM UINT64_C(0x00050dd5)
/* IF, and bit 1, which is always set. */
#define FLAGS_ALWAYS UINT64_C(0x202)
/* TF, DF, RF: a handler begins without. */
#define FLAGS_CLEARED UINT64_C(0x00010500)

static uint64_t bit_of(unsigned signal)
{
    return UINT64_C(1) << (signal - 1);
}

void signal_exec(struct signals *signals)
{
    uint64_t handler = signals->segv.handler;

    signals->segv = (struct sigaction){
        .handler = handler == SIG_IGN ? SIG_IGN : SIG_DFL,
    };
}

static long set_action(uint64_t from)
{
    struct process *process = process_current();
    struct sigaction action;
    long result = space_copy_in(process->space, &action, from, sizeof(action));

    if (result)
        return result;
    action.flags &= FLAGS_KNOWN;
    action.mask &= ~(bit_of(SIGKILL) | bit_of(SIGSTOP));
    process->signals.segv = action;
    return 0;
}

/* Of another signal than SIGSEGV nothing is kept, and so nothing promised. */
long call_rt_sigaction(struct trap_frame *frame)
{
    struct process *process = process_current();
    struct sigaction old = process->signals.segv;
    int signal = (int)frame->di;
    long result = 0;

    if (frame->r10 != sizeof(old.mask) || signal < 1 || signal > SIGNALS ||
        (frame->si && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    if (signal != SIGSEGV)
        return -ENOSYS;
    if (frame->si)
        result = set_action(frame->si);
    if (!result && frame->dx)
        result = space_copy_out(process->space, frame->dx, &old, sizeof(old));
    return result;
}

static int32_t code_of(const struct trap_frame *frame, uint64_t address)
{
    if (frame->vector != PAGE_FAULT)
        return SI_KERNEL;
    return space_maps(process_current()->space, address) ? SEGV_ACCERR
                                                         : SEGV_MAPERR;
}

static struct sigcontext context_of(const struct trap_frame *frame)
{
    return (struct sigcontext){
        .r8 = frame->r8,
        .r9 = frame->r9,
        .r10 = frame->r10,
        .r11 = frame->r11,
        .r12 = frame->r12,
        .r13 = frame->r13,
        .r14 = frame->r14,
        .r15 = frame->r15,
        .di = frame->di,
        .si = frame->si,
        .bp = frame->bp,
        .bx = frame->bx,
        .dx = frame->dx,
        .ax = frame->ax,
        .cx = frame->cx,
        .sp = frame->sp,
        .ip = frame->ip,
        .flags = frame->flags,
        .cs = (uint16_t)frame->cs,
        .ss = (uint16_t)frame->ss,
        .trapno = frame->vector,
    };
}

/* Of the kernel's own addresses nobody is told which of them are mapped. */
static uint64_t error_told(const struct trap_frame *frame, uint64_t address)
{
    return frame->error | (address >= SPACE_END ? ERROR_PRESENT : 0);
}

/* Below the red zone: registers beyond the general ones, then the frame. */
static bool write_frame(struct trap_frame *frame, uint64_t address,
                        uint64_t *out_at)
{
    const struct process *process = process_current();
    const struct signals *signals = &process->signals;
    uint64_t fpstate =
        (frame->sp - RED_ZONE_BYTES - xstate_user_bytes()) & ~UINT64_C(63);
    uint64_t at = ((fpstate - sizeof(struct rt_sigframe)) & ~UINT64_C(15)) - 8;
    struct rt_sigframe out = {
        .return_to = signals->segv.restorer,
        .uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
                    (xstate_is_extended() ? UC_FP_XSTATE : 0),
        .stack_flags = SS_DISABLE,
        .context = context_of(frame),
        /* SIGSEGV is not blocked, and no other signal is. */
        .mask = 0,
        .info = { .signo = SIGSEGV,
                  .code = code_of(frame, address),
                  .address = address },
    };

    out.context.err = error_told(frame, address);
    out.context.cr2 = address;
    out.context.fpstate = fpstate;
    *out_at = at;
    return !xstate_to_user(process->xstate, process->space, fpstate) &&
           !space_copy_out(process->space, at, &out, sizeof(out));
}

bool signal_segv(struct trap_frame *frame, uint64_t address)
{
    struct signals *signals = &process_current()->signals;
    struct sigaction action = signals->segv;
    uint64_t at;

    if (signals->segv_blocked || action.handler <= SIG_IGN ||
        !(action.flags & SA_RESTORER) || action.handler >= SPACE_END ||
        !write_frame(frame, address, &at))
        return false;
    xstate_reset();
    if (action.flags & SA_RESETHAND)
        signals->segv.handler = SIG_DFL;
    signals->segv_blocked =
        !(action.flags & SA_NODEFER) || action.mask & bit_of(SIGSEGV);
    frame->ip = action.handler;
    frame->sp = at;
    frame->ax = 0;
    frame->di = SIGSEGV;
    frame->si = at + offsetof(struct rt_sigframe, info);
    frame->dx = at + offsetof(struct rt_sigframe, uc_flags);
    frame->cs = pvops_cpu_selectors()->user_cs;
    frame->ss = pvops_cpu_selectors()->user_ss;
    frame->flags &= ~FLAGS_CLEARED;
    return true;
}

static void take_context(struct trap_frame *frame,
                         const struct sigcontext *context)
{
    frame->r8 = context->r8;
    frame->r9 = context->r9;
    frame->r10 = context->r10;
    frame->r11 = context->r11;
    frame->r12 = context->r12;
    frame->r13 = context->r13;
    frame->r14 = context->r14;
    frame->r15 = context->r15;
    frame->di = context->di;
    frame->si = context->si;
    frame->bp = context->bp;
    frame->bx = context->bx;
    frame->dx = context->dx;
    frame->ax = context->ax;
    frame->cx = context->cx;
    frame->sp = context->sp;
    frame->ip = context->ip;
    frame->flags = (context->flags & FLAGS_OF_PROGRAM) | FLAGS_ALWAYS;
    frame->cs = pvops_cpu_selectors()->user_cs;
    frame->ss = pvops_cpu_selectors()->user_ss;
    frame->vector = FRAME_ALL_REGISTERS;
}

/* Registers beyond the general ones; without any they are as after reset. */
static long take_xstate(uint64_t fpstate)
{
    const struct process *process = process_current();

    if (fpstate)
        return xstate_from_user(process->xstate, process->space, fpstate);
    xstate_reset();
    return 0;
}

/* The handler's RET took the first word of the frame. */
long call_rt_sigreturn(struct trap_frame *frame)
{
    enum { USED = offsetof(struct rt_sigframe, info) };
    struct process *process = process_current();
    struct rt_sigframe in;

    if (space_copy_in(process->space, &in, frame->sp - sizeof(in.return_to),
                      USED) ||
        in.context.ip >= SPACE_END || take_xstate(in.context.fpstate)) {
        process_kill_self(SIGSEGV);
        return -EFAULT;
    }
    process->signals.segv_blocked = in.mask & bit_of(SIGSEGV);
    take_context(frame, &in.context);
    return (long)frame->ax;
}
