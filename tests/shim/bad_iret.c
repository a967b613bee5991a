/* SPDX-License-Identifier: MIT */
/*
 * A program whose signal handler returns to a code segment that there is not:
 * IRET faults in the kernel, which must see the fault as the program's own. Its
 * registers must be those that the handler left.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { BAD_CS = 0x7f, MARK = 0x1111 };

static const int marked[] = { REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12,
                              REG_R13, REG_R14, REG_R15, REG_RBX, REG_RDX,
                              REG_RSI, REG_RDI, REG_RAX, REG_RCX };
enum { MARKED = sizeof(marked) / sizeof(marked[0]) };

static void leave(int signal, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal;
    (void)info;
    for (int i = 0; i < MARKED; i++)
        regs[marked[i]] = MARK * (i + 1);
    regs[REG_CSGSFS] = (regs[REG_CSGSFS] & ~(greg_t)0xffff) | BAD_CS;
}

static void fault(int signal, siginfo_t *info, void *context)
{
    const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal;
    (void)info;
    for (int i = 0; i < MARKED; i++) {
        if (regs[marked[i]] != MARK * (i + 1)) {
            printf("bad_iret: register %d is %llx\n", marked[i],
                   (unsigned long long)regs[marked[i]]);
            fflush(stdout);
            _exit(1);
        }
    }
    printf("bad_iret: SIGSEGV, and its registers\n");
    fflush(stdout);
    _exit(0);
}

int main(void)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
    static uint8_t stack[65536];
    stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };

    sigaltstack(&alternative, NULL);
    action.sa_sigaction = fault;
    sigaction(SIGSEGV, &action, NULL);
    action.sa_sigaction = leave;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    printf("bad_iret: came back\n");
    return 1;
}
