/* SPDX-License-Identifier: MIT */
/*
 * A protection fault, as lmbench's lat_sig has it: from the store, by way of a
 * handler, to the instruction behind it, where the handler goes on.
 */
#include "fault.h"

#include "system.h"

/* Source: Linux arch/x86/include/uapi/asm/signal.h. */
enum { SIGSEGV = 11, SA_SIGINFO = 4, SA_RESTORER = 0x04000000 };

struct action {
    void (*handler)(int signal, void *info, void *context);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/*
 * RIP in the third argument. Source: Linux arch/x86/include/uapi/asm/
 * ucontext.h, sigcontext.h: 40 bytes, then R8 to R15, RDI to RSP.
 */
enum { CONTEXT_IP = 40 + 16 * 8 };

static volatile char page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static unsigned handled;

void fault_store(volatile char *at);
extern const char fault_store_end[];
void fault_restorer(void);

__asm__(".text\n"
        "fault_store:\n\t"
        "movb $1, (%rdi)\n"
        "fault_store_end:\n\t"
        "ret\n"
        "fault_restorer:\n\t"
        "mov $15, %eax\n\t" /* SYS_RT_SIGRETURN */
        "syscall\n");

static void handle(int signal, void *info, void *context)
{
    (void)signal;
    (void)info;
    handled++;
    *(uint64_t *)((char *)context + CONTEXT_IP) = (uint64_t)fault_store_end;
}

static void set_action(const struct action *action)
{
    need(
        call4(SYS_RT_SIGACTION, SIGSEGV, (long)action, 0, sizeof(action->mask)),
        "rt_sigaction");
}

static void protect(long rights)
{
    need(call3(SYS_MPROTECT, (long)page, PAGE_BYTES, rights), "mprotect");
}

void fault_setup(void)
{
    static const struct action action = {
        .handler = handle,
        .flags = SA_SIGINFO | SA_RESTORER,
        .restorer = fault_restorer,
    };

    touch(page, 1);
    protect(PROT_READ);
    set_action(&action);
}

void fault_once(void)
{
    unsigned before = handled;

    bench_from();
    fault_store(page);
    bench_to();
    if (handled != before + 1)
        need(-1, "one fault for one store");
}

void fault_teardown(void)
{
    static const struct action none;

    set_action(&none);
    protect(PROT_READ | PROT_WRITE);
}
