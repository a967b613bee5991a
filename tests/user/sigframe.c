/* SPDX-License-Identifier: MIT */
/*
 * What the frame of a handler of SIGSEGV tells: nothing that is another's.
 *
 * Damage, of kernel/proc/xstate.c: no xstate_clear() behind a restore that went
 * well (frame-tells-of-no-other).
 */
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "test.h"

enum { NOT_MAPPED = 0x20000000, MARK = 0x3c };

/*
 * In FXSAVE's area, where neither FXSAVE nor XSAVE writes. Source: Intel SDM
 * volume 1, 10.5.1.
 */
enum { UNUSED_AT = 416, UNUSED_BYTES = 48 };

static uint8_t seen[UNUSED_BYTES];

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
    memcpy(seen, area + UNUSED_AT, sizeof(seen));
    if (leave_mark)
        memset(area + UNUSED_AT, MARK, UNUSED_BYTES);
    frame->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)store_to_end;
}

static void store(uint64_t at)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };

    action.sa_sigaction = handle;
    sigaction(SIGSEGV, &action, NULL);
    memset(seen, 0, sizeof(seen));
    store_to(at);
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
        marks += seen[i] == MARK;
    return marks || argument;
}

static void others(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < 2; i++)
        wrong += in_child(mark, NULL) || in_child(look_for_mark, NULL);
    check("frame-tells-of-no-other", !wrong, "%u of 2 times", wrong);
}

int main(void)
{
    others();
    return 0;
}
