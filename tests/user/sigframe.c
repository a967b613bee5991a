/* SPDX-License-Identifier: MIT */
/*
 * What a handler of SIGSEGV begins with, and what its frame tells beyond what
 * signals.c changes: as Linux has it, and nothing that is another's.
 *
 * Damage, of kernel/proc/xstate.c: no xstate_clear() behind a restore that went
 * well (frame-tells-of-no-other); of signal.c: no xstate_reset() in
 * signal_segv() (handler-begins-as-reset), no error_told() (frame-of-kernel),
 * no SS_DISABLE (frame-without-sigaltstack), no SA_NOCLDSTOP (sigaction-flags).
 * Not seen on QEMU's software CPU (7.2), whose XSAVE always has these bits:
 * FEATURES_LEGACY left out.
 */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "test.h"

enum { NOT_MAPPED = 0x20000000, MARK = 0x3c };

/*
 * In FXSAVE's area, where neither FXSAVE nor XSAVE writes; behind that area,
 * XSTATE_BV. Source: Intel SDM volume 1, 10.5.1, 13.4.
 */
enum { UNUSED_AT = 416, UNUSED_BYTES = 48, XSTATE_BV_AT = 512 };

static struct {
    unsigned count;
    uint16_t fcw;
    uint32_t mxcsr;
    uint64_t xstate_bv;
    uint8_t unused[UNUSED_BYTES];
    ucontext_t context;
} seen;

static bool leave_mark;

void store_to(uint64_t at);
extern const char store_to_end[];
__asm__(".text\n"
        ".globl store_to, store_to_end\n"
        "store_to:\n\t"
        "movb $1, (%rdi)\n"
        "store_to_end:\n\t"
        "ret\n");

static void handle(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    uint8_t *area = (void *)frame->uc_mcontext.fpregs;

    (void)signal;
    (void)info;
    __asm__ volatile("fnstcw %0\n\t"
                     "stmxcsr %1"
                     : "=m"(seen.fcw), "=m"(seen.mxcsr));
    seen.count++;
    seen.context = *frame;
    memcpy(&seen.xstate_bv, area + XSTATE_BV_AT, sizeof(seen.xstate_bv));
    memcpy(seen.unused, area + UNUSED_AT, sizeof(seen.unused));
    if (leave_mark)
        memset(area + UNUSED_AT, MARK, UNUSED_BYTES);
    frame->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)store_to_end;
}

static void store(uint64_t at)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };

    action.sa_sigaction = handle;
    sigaction(SIGSEGV, &action, NULL);
    memset(&seen, 0, sizeof(seen));
    store_to(at);
}

static uint64_t register_of(int number)
{
    return (uint64_t)seen.context.uc_mcontext.gregs[number];
}

static int mark(void *argument)
{
    leave_mark = true;
    store(NOT_MAPPED);
    return argument != NULL;
}

/* On a stack of zeros: a kernel may leave there what was there. */
static int look_for_mark(void *argument)
{
    volatile uint8_t below[4 * PAGE_BYTES];
    unsigned marks = 0;

    memset((void *)below, 0, sizeof(below));
    store(NOT_MAPPED);
    for (unsigned i = 0; i < UNUSED_BYTES; i++)
        marks += seen.unused[i] == MARK;
    return marks || argument;
}

static void others(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < 2; i++)
        wrong += in_child(mark, NULL) || in_child(look_for_mark, NULL);
    check("frame-tells-of-no-other", !wrong, "%u of 2 times", wrong);
}

/* Single precision, and rounding to zero: a handler has its own. */
static void beginning(void)
{
    static const uint16_t fcw = 0x0c7f, fcw_reset = 0x37f;
    static const uint32_t mxcsr = 0x7f80, mxcsr_reset = 0x1f80;
    uint16_t fcw_after;
    uint32_t mxcsr_after;

    __asm__ volatile("fldcw %0\n\t"
                     "ldmxcsr %1"
                     :
                     : "m"(fcw), "m"(mxcsr));
    store(NOT_MAPPED);
    __asm__ volatile("fnstcw %0\n\t"
                     "stmxcsr %1\n\t"
                     "fldcw %2\n\t"
                     "ldmxcsr %3"
                     : "=m"(fcw_after), "=m"(mxcsr_after)
                     : "m"(fcw_reset), "m"(mxcsr_reset));
    check("handler-begins-as-reset",
          seen.fcw == fcw_reset && seen.mxcsr == mxcsr_reset,
          "FCW 0x%x, MXCSR 0x%x", seen.fcw, (unsigned)seen.mxcsr);
    check("handler-gives-control-back",
          fcw_after == fcw && mxcsr_after == mxcsr, "FCW 0x%x, MXCSR 0x%x",
          fcw_after, (unsigned)mxcsr_after);
}

static void contents(void)
{
    static const uint64_t addresses[] = { 0x7ffffffff000, 0xffff800000000000,
                                          0xffffffff80100000,
                                          0xffffffffbfff8000 };
    enum { WRITE_BY_USER_PRESENT = 7, LEGACY = 3 };
    unsigned wrong = 0;

    store(NOT_MAPPED);
    check("frame-without-sigaltstack",
          seen.context.uc_stack.ss_flags == SS_DISABLE &&
              !seen.context.uc_stack.ss_sp && !seen.context.uc_stack.ss_size,
          "flags %d", seen.context.uc_stack.ss_flags);
    /* UC_FP_XSTATE: there is a header. */
    check("frame-has-sse",
          !(seen.context.uc_flags & 1) || (seen.xstate_bv & LEGACY) == LEGACY,
          "XSTATE_BV 0x%llx", (unsigned long long)seen.xstate_bv);
    for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        store(addresses[i]);
        wrong += seen.count != 1 || register_of(REG_CR2) != addresses[i] ||
                 register_of(REG_ERR) != WRITE_BY_USER_PRESENT;
    }
    check("frame-of-kernel", !wrong, "%u of the addresses, the last: 0x%llx",
          wrong, (unsigned long long)register_of(REG_ERR));
}

/* By the kernel's own struct: handler, flags, restorer, mask. */
static void flags(void)
{
    uint64_t new[4] = { 0x1234, UINT32_MAX, 0x5678, UINT64_MAX }, old[4];
    long result = syscall(SYS_rt_sigaction, SIGSEGV, new, NULL, 8);

    memset(old, 0, sizeof(old));
    result |= syscall(SYS_rt_sigaction, SIGSEGV, NULL, old, 8);
    check("sigaction-flags",
          !result && old[1] == 0xdc000807 && old[3] == 0xfffffffffffbfeff,
          "flags 0x%llx, mask 0x%llx", (unsigned long long)old[1],
          (unsigned long long)old[3]);
    signal(SIGSEGV, SIG_DFL);
}

int main(void)
{
    others();
    beginning();
    contents();
    flags();
    return 0;
}
