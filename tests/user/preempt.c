/* SPDX-License-Identifier: MIT */
/*
 * Programs that never give the CPU back are taken from it, and get it back as
 * they were.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

enum { SPINNERS = 3 };

static void spin_for_ever(void)
{
    volatile unsigned long turns = 0;

    for (;;)
        turns++;
}

/* Every register counts along; a change of process may not be seen in any. */
static int count_in_registers(void *argument)
{
    unsigned long turns = 30000000, wrong;

    (void)argument;
    __asm__ volatile("xor %%r8, %%r8\n\t"
                     "mov $3, %%r9\n\t"
                     "mov $5, %%r10\n\t"
                     "mov $7, %%r12\n\t"
                     "xor %%r13, %%r13\n"
                     "1: add $1, %%r8\n\t"
                     "add $1, %%r9\n\t"
                     "add $1, %%r10\n\t"
                     "add $1, %%r12\n\t"
                     "mov %%r12, %%r14\n\t"
                     "sub %%r8, %%r14\n\t"
                     "sub $7, %%r14\n\t"
                     "or %%r14, %%r13\n\t"
                     "dec %0\n\t"
                     "jnz 1b\n\t"
                     "sub $3, %%r9\n\t"
                     "sub %%r8, %%r9\n\t"
                     "sub $5, %%r10\n\t"
                     "sub %%r8, %%r10\n\t"
                     "or %%r9, %%r13\n\t"
                     "or %%r10, %%r13\n\t"
                     "mov %%r13, %1"
                     : "+r"(turns), "=r"(wrong)
                     :
                     : "r8", "r9", "r10", "r12", "r13", "r14", "cc");
    return wrong != 0;
}

int main(void)
{
    struct timespec wait = { 0, 50000000 };
    pid_t spinners[SPINNERS];
    bool right = true;
    int status;

    for (unsigned i = 0; i < SPINNERS; i++) {
        spinners[i] = fork();
        if (!spinners[i])
            spin_for_ever();
    }
    nanosleep(&wait, NULL);
    pass("preempt-sleeper-comes-back");
    status = in_child(count_in_registers, NULL);
    check("preempt-registers", !status, "status 0x%x", status);
    for (unsigned i = 0; i < SPINNERS; i++) {
        kill(spinners[i], SIGKILL);
        right = right && waitpid(spinners[i], &status, 0) == spinners[i] &&
                WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    check("preempt-killed", right, "status 0x%x", status);
    return 0;
}
