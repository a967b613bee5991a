/* SPDX-License-Identifier: MIT */
/*
 * A small kernel that has nothing but libxenshim.a, natively: its three ways of
 * a hypercall, exceptions in ring 0, single steps into the shim.
 *
 * With "double" as its command line its stack is not mapped: a clear report.
 *
 * Tried, each fails: STI left out of hypercall_entry's end (IF); the page's
 * stubs without their POPs (registers); stepped() in shim/trap/trap.c always
 * false ("this is a mistake of the shim's").
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "ring0/xenshim.h"

#define RFLAGS_IF 0x200u
#define RFLAGS_TF 0x100u
#define VERSION   0x40011 /* 4.17 */

#define NOTE(type, value)                                                      \
    __asm__(".pushsection .note.Xen, \"a\", @note\n\t"                         \
            ".balign 4\n\t"                                                    \
            ".long 4, 2f - 1f, " type "\n\t"                                   \
            ".asciz \"Xen\"\n"                                                 \
            "1:\t" value "\n"                                                  \
            "2:\n\t"                                                           \
            ".popsection")
NOTE("1", ".quad enter");
NOTE("2", ".quad hypercall_page");
NOTE("3", ".quad 0xffffffff80000000");
NOTE("5", ".asciz \"xen-3.0\"");
NOTE("6", ".asciz \"ring0\"");
NOTE("8", ".asciz \"generic\"");

uint8_t hypercall_page[4096] __attribute__((aligned(4096)));
uint8_t stack[16384] __attribute__((aligned(16)));
volatile unsigned breakpoints, steps, frame_ring;

__asm__(".globl enter\n"
        "enter:\n\t"
        "lea stack + 16384(%rip), %rsp\n\t"
        "mov %rsi, %rdi\n\t"
        "call start\n\t"
        "ud2");

/* Each counts, and goes back by the page's HYPERVISOR_iret. */
#define HANDLER(name, counter)                                                 \
    void name(void);                                                           \
    __asm__(#name ":\n\t"                                                      \
                  "incl " #counter "(%rip)\n\t"                                \
                  "mov 24(%rsp), %ecx\n\t"                                     \
                  "and $3, %ecx\n\t"                                           \
                  "or %ecx, frame_ring(%rip)\n\t"                              \
                  "pop %rcx\n\t"                                               \
                  "pop %r11\n\t"                                               \
                  "push $0\n\t"                                                \
                  "jmp hypercall_page + 23 * 32")
HANDLER(on_step, steps);
HANDLER(on_breakpoint, breakpoints);

static long by_call(unsigned long number, unsigned long a1, unsigned long a2,
                    unsigned long a3)
{
    __asm__ volatile("call xenshim_hypercall"
                     : "+a"(number), "+D"(a1), "+S"(a2), "+d"(a3)
                     :
                     : "rcx", "r11", "memory", "cc");
    return (long)number;
}

static long by_syscall(unsigned long number, unsigned long a1, unsigned long a2)
{
    __asm__ volatile("syscall"
                     : "+a"(number), "+D"(a1), "+S"(a2)
                     :
                     : "rcx", "r11", "memory", "cc");
    return (long)number;
}

static unsigned long flags(void)
{
    unsigned long value;

    __asm__ volatile("pushfq\n\tpop %0" : "=r"(value));
    return value;
}

static void say(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    (void)by_call(__HYPERVISOR_console_io, CONSOLEIO_write, length,
                  (uintptr_t)text);
}

/* Below 100. */
static void say_number(unsigned number)
{
    char text[] = { (char)('0' + number / 10), (char)('0' + number % 10), 0 };

    say(number < 10 ? text + 1 : text);
}

__attribute__((noreturn)) static void end(void)
{
    struct sched_shutdown shutdown = { .reason = SHUTDOWN_poweroff };

    (void)by_call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&shutdown,
                  0);
    __builtin_trap();
}

static unsigned passed, failed;

static void check(bool good, const char *name)
{
    say(good ? "PVLAB PASS " : "PVLAB FAIL ");
    say(name);
    say("\n");
    passed += good;
    failed += !good;
}

/* Through the page, with every register watched. */
static bool page_keeps_registers(void)
{
    unsigned long bad;

    __asm__ volatile(
        "push %%rbp\n\t"
        "mov $0x1111, %%ecx\n\t"
        "mov %%rsp, %%rbp\n\t"
        ".irp r, rbx, rdx, r8, r9, r10, r11, r12, r13, r14, r15\n\t"
        "lea 1(%%rcx), %%\\r\n\t"
        ".endr\n\t"
        "xor %%edi, %%edi\n\t"
        "xor %%esi, %%esi\n\t"
        "call hypercall_page + 17 * 32\n\t"
        "sub $0x40011, %%rax\n\t"
        "inc %%rcx\n\t"
        ".irp r, rbx, rdx, r8, r9, r10, r11, r12, r13, r14, r15\n\t"
        "sub %%rcx, %%\\r\n\t"
        "or %%\\r, %%rax\n\t"
        ".endr\n\t"
        "sub $0x1112, %%rcx\n\t"
        "or %%rcx, %%rax\n\t"
        "sub %%rsp, %%rbp\n\t"
        "or %%rbp, %%rax\n\t"
        "or %%rdi, %%rax\n\t"
        "or %%rsi, %%rax\n\t"
        "pop %%rbp"
        : "=a"(bad)
        :
        : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
          "r13", "r14", "r15", "memory", "cc");
    return !bad;
}

static void check_calls(void)
{
    struct xen_feature_info info = { .submap_idx = 0 };
    uint16_t cs;

    __asm__("mov %%cs, %0" : "=r"(cs));
    check(cs == XENSHIM_KERNEL_CS, "ring-0");
    check(by_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0) == VERSION,
          "hypercall-by-call");
    check(by_syscall(__HYPERVISOR_xen_version, XENVER_version, 0) == VERSION,
          "hypercall-by-syscall");
    check(page_keeps_registers(), "hypercall-by-page");
    check(by_call(99, 0, 0, 0) == -XEN_ENOSYS &&
              by_syscall(99, 0, 0) == -XEN_ENOSYS,
          "hypercall-unknown");
    (void)by_call(__HYPERVISOR_xen_version, XENVER_get_features,
                  (uintptr_t)&info, 0);
    check(info.submap >> XENFEAT_supervisor_mode_kernel & 1, "feature-told");

    __asm__ volatile("cli");
    (void)by_syscall(__HYPERVISOR_xen_version, XENVER_version, 0);
    check(!(flags() & RFLAGS_IF), "syscall-keeps-rflags");
    (void)by_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0);
    check(flags() & RFLAGS_IF, "call-sets-interrupts-on");
}

static void check_exceptions(void)
{
    static const struct trap_info traps[] = {
        { 1, 0, FLAT_RING3_CS64, (uintptr_t)on_step },
        { 3, 3, FLAT_RING3_CS64, (uintptr_t)on_breakpoint },
        { 0, 0, 0, 0 },
    };
    long result;

    check(by_call(__HYPERVISOR_set_trap_table, (uintptr_t)traps, 0, 0) == 0,
          "set-trap-table");
    __asm__ volatile("int3" : : : "memory");
    check(breakpoints == 1 && frame_ring == 0, "breakpoint");
    __asm__ volatile("pushfq\n\torl %0, (%%rsp)\n\tpopfq"
                     :
                     : "i"(RFLAGS_TF)
                     : "memory", "cc");
    result = by_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0);
    check(result == VERSION && steps > 2, "stepped-into-the-shim");
}

void start(const struct start_info *info);

void start(const struct start_info *info)
{
    check_calls();
    check_exceptions();
    if (info->cmd_line[0] == 'd')
        __asm__ volatile("xor %%esp, %%esp\n\tpush %%rax" : : : "memory");
    say("PVLAB END passed=");
    say_number(passed);
    say(" failed=");
    say_number(failed);
    say(" skipped=0\n");
    end();
}
