/* SPDX-License-Identifier: MIT */
/*
 * Handlers of SIGSEGV: what they are told, what they may change, and that a
 * frame made up by a program gives it nothing that it may not have.
 *
 * Damage, of kernel/proc/signal.c: no "& FLAGS_OF_PROGRAM" (frame-flags), no
 * test of segv_blocked (handler-nested-ends), no RED_ZONE_BYTES (its own),
 * another vector than FRAME_ALL_REGISTERS (handler-keeps-registers); of
 * xstate.c: no xstate_save() (handler-keeps-sse), restore() not tried (a
 * panic), no xstate_clear() behind it (a panic later); exec.c, fork.c: no
 * signals. Not seen on QEMU's software CPU (7.2), which refuses what others
 * take or takes what they refuse: the tests of ip and of XSAVE's header left
 * out.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "test.h"

enum { NOT_MAPPED = 0x20000000, MOST_FAULTS = 1000 };

static volatile struct {
    unsigned count;
    int signal, code;
    uint64_t address, error, trap;
} seen;

/* What a test wants done to the frame. */
static void (*change)(ucontext_t *context);

extern const char store_fault[], store_end[];

static void handle(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;

    seen.count++;
    seen.signal = signal;
    seen.code = info->si_code;
    seen.address = (uint64_t)info->si_addr;
    seen.error = (uint64_t)frame->uc_mcontext.gregs[REG_ERR];
    seen.trap = (uint64_t)frame->uc_mcontext.gregs[REG_TRAPNO];
    if (info->si_signo != signal)
        seen.signal = -1;
    if (change)
        change(frame);
    if (seen.count > MOST_FAULTS)
        _exit(4);
}

static bool set_handler(int flags)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO | flags };

    action.sa_sigaction = handle;
    seen.count = 0;
    return !sigaction(SIGSEGV, &action, NULL);
}

/* Behind the store, which is the one place where this program faults. */
static void skip(ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)store_end;
}

/* One store, with all that a handler could spoil around it. */
struct around {
    uint64_t registers[15]; /* rax, rbx, ... of the list below */
    uint64_t flags;
    uint8_t vector[16];
    uint64_t red_zone;
};
void store_with(struct around *around, volatile void *at);
__asm__(".text\n"
        ".globl store_with, store_fault, store_end\n"
        "store_with:\n"
        "    push %rbx\n"
        "    push %rbp\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %r15\n"
        "    movdqu 128(%rax), %xmm7\n"
        "    mov 144(%rax), %rcx\n"
        "    mov %rcx, -64(%rsp)\n"
        "    mov 8(%rax), %rbx\n"
        "    mov 16(%rax), %rcx\n"
        "    mov 24(%rax), %rdx\n"
        "    mov 32(%rax), %rsi\n"
        "    mov 40(%rax), %rdi\n"
        "    mov 48(%rax), %rbp\n"
        "    mov 56(%rax), %r8\n"
        "    mov 64(%rax), %r9\n"
        "    mov 72(%rax), %r10\n"
        "    mov 80(%rax), %r11\n"
        "    mov 88(%rax), %r12\n"
        "    mov 96(%rax), %r13\n"
        "    mov 104(%rax), %r14\n"
        "    stc\n"
        "store_fault:\n"
        "    movb $1, (%r15)\n"
        "store_end:\n"
        "    mov %rbx, 8(%rax)\n"
        "    pushf\n"
        "    pop %rbx\n"
        "    mov %rbx, 120(%rax)\n"
        "    mov %rcx, 16(%rax)\n"
        "    mov %rdx, 24(%rax)\n"
        "    mov %rsi, 32(%rax)\n"
        "    mov %rdi, 40(%rax)\n"
        "    mov %rbp, 48(%rax)\n"
        "    mov %r8, 56(%rax)\n"
        "    mov %r9, 64(%rax)\n"
        "    mov %r10, 72(%rax)\n"
        "    mov %r11, 80(%rax)\n"
        "    mov %r12, 88(%rax)\n"
        "    mov %r13, 96(%rax)\n"
        "    mov %r14, 104(%rax)\n"
        "    mov %r15, 112(%rax)\n"
        "    movdqu %xmm7, 128(%rax)\n"
        "    mov -64(%rsp), %rcx\n"
        "    mov %rcx, 144(%rax)\n"
        "    push $2\n"
        "    popf\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbp\n"
        "    pop %rbx\n"
        "    ret\n");

static struct around around;

static void store(volatile void *at)
{
    for (unsigned i = 0; i < 15; i++)
        around.registers[i] = UINT64_C(0x0123456789abcdef) + i;
    memset(around.vector, 0x5a, sizeof(around.vector));
    around.red_zone = 0x7265646f6e65;
    store_with(&around, at);
}

static void check_told(const char *name, int code, const void *at,
                       uint64_t error)
{
    check(name,
          seen.count == 1 && seen.signal == SIGSEGV && seen.code == code &&
              seen.address == (uint64_t)at && seen.trap == 14 &&
              (seen.error & 7) == error,
          "%u times, code %d at 0x%llx, error 0x%llx", seen.count, seen.code,
          (unsigned long long)seen.address, (unsigned long long)seen.error);
}

static void arguments(void)
{
    char *page = map_pages(1);

    page[0] = 2;
    change = skip;
    set_handler(0);
    store((void *)NOT_MAPPED);
    check_told("segv-not-mapped", SEGV_MAPERR, (void *)NOT_MAPPED, 6);
    mprotect(page, PAGE_BYTES, PROT_READ);
    set_handler(0);
    store(page + 77);
    check_told("segv-read-only", SEGV_ACCERR, page + 77, 7);
    set_handler(0);
    store((void *)(UINT64_C(1) << 63));
    check("segv-not-canonical",
          seen.count == 1 && seen.code == SI_KERNEL && !seen.address &&
              seen.trap == 13,
          "%u times, code %d at 0x%llx", seen.count, seen.code,
          (unsigned long long)seen.address);
    munmap(page, PAGE_BYTES);
}

/* What a handler's own work would have spoilt, and a change of it. */
static void work_and_change(ucontext_t *context)
{
    volatile char below[512];

    memset((void *)below, 0xff, sizeof(below));
    __asm__ volatile("pcmpeqd %%xmm7, %%xmm7" : : : "xmm7");
    context->uc_mcontext.gregs[REG_R9] = 0x1234;
    skip(context);
}

static void registers(void)
{
    bool same = true;

    change = work_and_change;
    set_handler(0);
    store((void *)NOT_MAPPED);
    for (unsigned i = 1; i < 14; i++)
        same = same && (i == 8 || around.registers[i] ==
                                      UINT64_C(0x0123456789abcdef) + i);
    check("handler-keeps-registers", same && around.flags & 1,
          "another one, or flags: 0x%llx", (unsigned long long)around.flags);
    check("handler-keeps-sse",
          around.vector[0] == 0x5a &&
              !memcmp(around.vector, around.vector + 1, 15),
          "xmm7 is the handler's");
    check("handler-keeps-red-zone", around.red_zone == 0x7265646f6e65, "0x%llx",
          (unsigned long long)around.red_zone);
    check("handler-changes-register", around.registers[8] == 0x1234, "0x%llx",
          (unsigned long long)around.registers[8]);
    /* As often as one likes: the way back opens the way there again. */
    for (unsigned i = 1; i < 100; i++)
        store((void *)NOT_MAPPED);
    check("handler-again", seen.count == 100, "%u of 100", seen.count);
}

static int fault_by(void *argument)
{
    store(argument);
    return 0;
}

static void fault_again(ucontext_t *context)
{
    if (seen.count < 3)
        store((void *)NOT_MAPPED);
    skip(context);
}

static int become_another(void *argument)
{
    if (execl("/bin/signals", "signals", "fault", NULL))
        return 1;
    return argument != NULL;
}

static void inherited(void)
{
    void *nowhere = (void *)NOT_MAPPED;

    change = fault_again;
    set_handler(0);
    check("handler-nested-ends", ends_by_fault(fault_by, nowhere), "it lives");
    set_handler(SA_NODEFER);
    check("handler-nodefer", !in_child(fault_by, nowhere), "it does not come");
    change = skip;
    set_handler(0);
    check("handler-of-fork", !in_child(fault_by, nowhere), "it is not called");
    check("handler-of-exec", ends_by_fault(become_another, NULL),
          "it is still there");
    set_handler(SA_RESETHAND);
    store(nowhere);
    check("handler-once", seen.count == 1 && ends_by_fault(fault_by, nowhere),
          "it is called again");
    signal(SIGSEGV, SIG_IGN);
    check("fault-not-ignored", ends_by_fault(fault_by, nowhere), "it lives");
    signal(SIGSEGV, SIG_DFL);
}

static void leave(ucontext_t *context)
{
    (void)context;
    _exit(3);
}

/* Its frame has nowhere to go. */
static int fault_on(void *argument)
{
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "movb $1, (%1)"
                     :
                     : "r"(argument), "r"((uint64_t)NOT_MAPPED)
                     : "memory");
    __builtin_unreachable();
}

static void stacks(void)
{
    char *pages = map_pages(2);
    void *tries[] = { NULL,
                      (void *)200,
                      pages + PAGE_BYTES,
                      pages + 2 * PAGE_BYTES,
                      (void *)0x800000000000,
                      (void *)(UINT64_C(1) << 63),
                      (void *)0xffffffff80100000,
                      (void *)0xfffffffffffffff8 };
    unsigned wrong = 0;

    mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_READ);
    munmap(pages, PAGE_BYTES);
    change = leave;
    set_handler(0);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
        wrong += !ends_by_fault(fault_on, tries[i]);
    check("handler-without-stack", !wrong, "%u live", wrong);
    munmap(pages + PAGE_BYTES, PAGE_BYTES);
}

static uint64_t wanted;

static void want_ip(ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)wanted;
}

static void want_flags(ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_EFL] = (greg_t)wanted;
    skip(context);
}

static void want_selectors(ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_CSGSFS] = (greg_t)wanted;
    skip(context);
}

static void want_fpstate(ucontext_t *context)
{
    context->uc_mcontext.fpregs = (void *)wanted;
    skip(context);
}

/* A word of what XSAVE's area has for the header, and of MXCSR. */
static void want_xstate(ucontext_t *context)
{
    uint64_t *area = (void *)context->uc_mcontext.fpregs;

    if (wanted == 128)
        ((uint32_t *)area)[6] = UINT32_MAX;
    else
        area[wanted] = wanted == 65 ? UINT64_C(1) << 63 : UINT64_MAX;
    skip(context);
}

/* Handled once: what goes wrong behind it ends it. */
static int try_change(void *argument)
{
    (void)argument;
    set_handler(SA_RESETHAND);
    store((void *)NOT_MAPPED);
    sched_yield();
    return seen.count != 1 || getpid() < 2;
}

static int try_flags(void *argument)
{
    enum { IF = 0x200, IOPL = 0x3000, NT = 0x4000, VM_VIF_VIP = 0x1a0000 };

    if (try_change(argument))
        return 1;
    return (around.flags & (IF | IOPL | NT | VM_VIF_VIP)) != IF;
}

static bool ends_so(int status)
{
    return !status || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV ||
                                               WTERMSIG(status) == SIGBUS));
}

static void each_value(const char *name, void (*how)(ucontext_t *),
                       int (*body)(void *), const uint64_t *values,
                       unsigned count)
{
    change = how;
    for (unsigned i = 0; i < count; i++) {
        int status;

        wanted = values[i];
        status = in_child(body, NULL);
        if (!ends_so(status)) {
            fail(name, "with 0x%llx: status 0x%x", (unsigned long long)wanted,
                 (unsigned)status);
            return;
        }
    }
    pass(name);
}

#define EACH(name, how, body, ...)                                             \
    do {                                                                       \
        static const uint64_t values[] = { __VA_ARGS__ };                      \
        each_value(name, how, body, values,                                    \
                   sizeof(values) / sizeof(values[0]));                        \
    } while (0)

static void frames(void)
{
    EACH("frame-ip", want_ip, try_change, 0, 0x7fffffffffff, 0x800000000000,
         UINT64_C(1) << 63, 0xffffffff80100000);
    EACH("frame-flags", want_flags, try_flags, 0, 0x7202, 0x1a0202, 0x247ed5,
         UINT64_MAX & ~UINT64_C(0x100));
    EACH("frame-selectors", want_selectors, try_change, 0, 0x08, 0x1b, 0x2b,
         0xe008, 0xe030, UINT64_MAX);
    EACH("frame-fpstate", want_fpstate, try_change, 0, 8, NOT_MAPPED,
         0x800000000000, 0xffffffff80100000);
    EACH("frame-xstate", want_xstate, try_change, 64, 65, 66, 71, 128);
}

/* Without any frame: RSP leads to what is no such thing. */
static int return_on(void *argument)
{
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "syscall"
                     :
                     : "r"(argument), "a"(SYS_rt_sigreturn)
                     : "memory");
    __builtin_unreachable();
}

static void returns(void)
{
    uint8_t *pages = map_pages(4);
    void *tries[] = { NULL,
                      pages + 8,
                      pages + 4 * PAGE_BYTES - 8,
                      (void *)0x7ffffffff000,
                      (void *)0x800000000000,
                      (void *)0xffffffff80100000,
                      (void *)0xfffffffffffffff8 };
    uint64_t seed = 7;
    unsigned wrong = 0;

    signal(SIGSEGV, SIG_DFL);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
        wrong += !ends_by_fault(return_on, tries[i]);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 2 * PAGE_BYTES; i++)
            pages[i] = (uint8_t)random_next(&seed);
        wrong += !ends_by_fault(return_on, pages + PAGE_BYTES);
    }
    check("sigreturn-of-nothing", !wrong, "%u live", wrong);
    munmap(pages, 4 * PAGE_BYTES);
}

/* By the kernel's own struct: handler, flags, restorer, mask. */
static long action(long signal, const void *new, void *old, long bytes)
{
    return syscall(SYS_rt_sigaction, signal, new, old, bytes) ? errno : 0;
}

static void refusals(void)
{
    uint64_t new[4] = { 0x1234, SA_RESTART, 0x5678, 0 }, old[4] = { 0 };
    bool right = !action(SIGSEGV, new, NULL, 8) &&
                 !action(SIGSEGV, NULL, old, 8) &&
                 !memcmp(new, old, sizeof(new));

    check("sigaction-tells", right, "handler 0x%llx flags 0x%llx",
          (unsigned long long)old[0], (unsigned long long)old[1]);
    /* No SA_RESTORER: no way back, and so no way there. */
    check("handler-without-restorer",
          ends_by_fault(fault_by, (void *)NOT_MAPPED), "it lives");
    memset(new, 0, sizeof(new));
    check("sigaction-refuses",
          action(SIGSEGV, new, NULL, 16) == EINVAL &&
              action(0, new, NULL, 8) == EINVAL &&
              action(65, new, NULL, 8) == EINVAL &&
              action(SIGKILL, new, NULL, 8) == EINVAL &&
              action(SIGSTOP, new, NULL, 8) == EINVAL &&
              action(SIGSEGV, (void *)8, NULL, 8) == EFAULT &&
              action(SIGSEGV, NULL, (void *)8, 8) == EFAULT &&
              !action(SIGSEGV, new, NULL, 8),
          "errno %d", errno);
}

int main(int count, char **words)
{
    if (count > 1 && !strcmp(words[1], "fault"))
        return fault_by((void *)NOT_MAPPED);
    arguments();
    registers();
    inherited();
    stacks();
    frames();
    returns();
    refusals();
    return 0;
}
