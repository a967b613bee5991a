/* SPDX-License-Identifier: MIT */
/*
 * INVLPG and MOV to or from CR3, as the library's assembly has them: outside of
 * ring 0 they are #GP, of which the host makes SIGSEGV; here they are the
 * model's then, and what comes behind them goes on.
 *
 * Source: Intel SDM volume 2: 0F 01 /7 INVLPG m, 0F 20 /r and 0F 22 /r MOV from
 *         and to a control register.
 */
#define _GNU_SOURCE 1

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

#include <x86/system.h>

#include "pvtest.h"

enum { LENGTH = 3, CR3 = 3 };

#ifdef __x86_64__
enum { IP = REG_RIP };
static const int registers[8] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                  REG_RSP, REG_RBP, REG_RSI, REG_RDI };
#else
enum { IP = REG_EIP };
static const int registers[8] = { REG_EAX, REG_ECX, REG_EDX, REG_EBX,
                                  REG_ESP, REG_EBP, REG_ESI, REG_EDI };
#endif

static struct sigaction before;

static bool emulate(const uint8_t *code, greg_t *gregs)
{
    unsigned mod = code[2] >> 6, reg = code[2] >> 3 & 7, rm = code[2] & 7;
    greg_t *operand = &gregs[registers[rm]];

    if (code[0] != 0x0f)
        return false;
    if (code[1] == 0x01 && reg == 7 && mod == 0 && rm != 4 && rm != 5)
        x86_invlpg((uintptr_t)*operand);
    else if (code[1] == 0x22 && reg == CR3)
        x86_write_cr3((uintptr_t)*operand);
    else if (code[1] == 0x20 && reg == CR3)
        *operand = (greg_t)x86_read_cr3();
    else
        return false;
    gregs[IP] += LENGTH;
    return true;
}

/* What is none of them faults again, for whom it was before. */
static void at_fault(int number, siginfo_t *info, void *context)
{
    greg_t *gregs = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)info;
    if (!emulate((const uint8_t *)(uintptr_t)gregs[IP], gregs))
        sigaction(number, &before, NULL);
}

void fake_privileged_on(void)
{
    struct sigaction action = { 0 }, old;

    action.sa_sigaction = at_fault;
    /* A test that fails in there leaves by longjmp(). */
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (sigaction(SIGSEGV, &action, &old))
        FAIL("SIGSEGV cannot be caught");
    if (old.sa_sigaction != at_fault)
        before = old;
}
