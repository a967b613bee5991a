/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel that a program has, at its worst: any vector, any
 * stack, flags, segment and base. Whatever it does, it gets its own signal or
 * its own result, and everybody else lives on.
 *
 * Under Linux what its entry code does on purpose is left out: INT 80h and
 * SYSENTER are system calls there. Left out are also what QEMU's software CPU
 * (7.2) does not raise: INT1's and SSE's exceptions, #SS for a stack that is
 * not canonical, #GP for such a base.
 *
 * Damage: is_told() of src/xen_pv_traps.c true of every gate that is present:
 * under Xen PV INT 80h is a panic.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall_with.h"
#include "test.h"

/* Addressed with 32 bits, for code segments of that width. */
#define LOW ((void *)0x20000000)

enum { CODE_BYTES = 16 };

static unsigned char *code;

/* A function of these bytes; whoever runs it is a child. */
static void set_code(const void *bytes, size_t size)
{
    mprotect(code, PAGE_BYTES, PROT_READ | PROT_WRITE);
    memset(code, 0xcc, PAGE_BYTES);
    memcpy(code, bytes, size);
    mprotect(code, PAGE_BYTES, PROT_READ | PROT_EXEC);
}

static int run_code(void *argument)
{
    (void)argument;
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
                     "call *%0\n\t"
                     "lea 128(%%rsp), %%rsp"
                     :
                     : "r"(code)
                     : "rax", "rcx", "rdx", "r11", "memory");
    return 0;
}

/* Signal of a child that runs them, 0 if it came back. */
static int signal_of_code(const void *bytes, size_t size)
{
    set_code(bytes, size);
    return in_child(run_code, NULL) & 0x7f;
}

/*
 * Those of exceptions, of system calls of old, and of pvk's own; each ended
 * child is a line on a console that may be slow.
 */
static void each_int(void)
{
    static const unsigned char vectors[] = {
        0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,
        11,   12,   13,   14,   15,   16,   17,   18,   19,   20,   21,
        29,   30,   31,   0x20, 0x2e, 0x40, 0x70, 0x7f, 0x80, 0x81, 0x82,
        0xdf, 0xe0, 0xe1, 0xe2, 0xef, 0xf0, 0xfc, 0xfe, 0xff,
    };
    unsigned wrong = 0, which = 0;

    for (size_t i = 0; i < sizeof(vectors); i++) {
        unsigned char bytes[] = { 0xcd, vectors[i], 0xc3 };

        if (vectors[i] == 0x80 && !is_pvk())
            continue;
        if (signal_of_code(bytes, sizeof(bytes)) ==
            (vectors[i] == 3 ? SIGTRAP : SIGSEGV))
            continue;
        wrong++;
        which = vectors[i];
    }
    check("int-n", !wrong, "%u, of them 0x%x, with another signal", wrong,
          which);
}

/* Ended by RET, for one that comes back. */
static const struct {
    const char *name;
    unsigned char bytes[CODE_BYTES];
    int signal;
} instructions[] = {
    { "int3", { 0xcc, 0xc3 }, SIGTRAP },
    { "ud2", { 0x0f, 0x0b }, SIGILL },
    /* xor ecx, ecx; xor edx, edx; div ecx */
    { "divide", { 0x31, 0xc9, 0x31, 0xd2, 0xf7, 0xf1, 0xc3 }, SIGFPE },
    /* pushf; or dword [rsp], TF; popf; nop */
    { "single-step",
      { 0x9c, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00, 0x9d, 0x90, 0xc3 },
      SIGTRAP },
    /* mov rax, 1 << 63; mov rcx, [rax] */
    { "read-not-canonical",
      { 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x48, 0x8b, 0x08, 0xc3 },
      SIGSEGV },
    /* mov rax, 1 << 63; jmp rax */
    { "jump-not-canonical",
      { 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0xe0 },
      SIGSEGV },
    /* xor eax, eax; push rax (SS, RSP, RFLAGS, CS, RIP); iretq */
    { "iret-nowhere",
      { 0x31, 0xc0, 0x50, 0x50, 0x50, 0x50, 0x50, 0x48, 0xcf },
      SIGSEGV },
    { "wrmsr", { 0x0f, 0x30, 0xc3 }, SIGSEGV },
    { "swapgs", { 0x0f, 0x01, 0xf8, 0xc3 }, SIGSEGV },
    { "sysret", { 0x48, 0x0f, 0x07, 0xc3 }, SIGSEGV },
    { "xsetbv", { 0x31, 0xc9, 0x0f, 0x01, 0xd1, 0xc3 }, SIGSEGV },
    { "lgdt", { 0x0f, 0x01, 0x14, 0x24, 0xc3 }, SIGSEGV },
    /* mov rax, cr4; mov cr4, rax */
    { "write-cr4", { 0x0f, 0x20, 0xe0, 0x0f, 0x22, 0xe0, 0xc3 }, SIGSEGV },
    { "wbinvd", { 0x0f, 0x09, 0xc3 }, SIGSEGV },
    { "invlpg", { 0x0f, 0x01, 0x3c, 0x24, 0xc3 }, SIGSEGV },
};

static void each_instruction(void)
{
    static const unsigned char sysenter[] = { 0x0f, 0x34 };

    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]);
         i++) {
        int signal = signal_of_code(instructions[i].bytes, CODE_BYTES);

        check(instructions[i].name, signal == instructions[i].signal,
              "signal %d", signal);
    }
    if (is_pvk())
        check("sysenter", signal_of_code(sysenter, sizeof(sysenter)) != 0,
              "it came through");
}

static const char rcx_differs[] = "RCX is not RIP";

static const char *damage_once(uint64_t sp, uint64_t flags)
{
    uint64_t registers[REGISTERS];

    for (unsigned i = 0; i < REGISTERS; i++)
        registers[i] = UINT64_C(0x0123456789abcdef) + i;
    registers[RAX] = SYS_getpid;
    if (call_with(registers, sp, flags))
        return "RSP";
    if (registers[RAX] != (uint64_t)getpid())
        return "the result";
    if (registers[RCX] != (uint64_t)call_with_next)
        return rcx_differs;
    if ((registers[R11] ^ flags) & 0x4ed5)
        return "R11 is not RFLAGS";
    for (unsigned i = 0; i < REGISTERS; i++) {
        if (i != RAX && i != RCX && i != R11 &&
            registers[i] != UINT64_C(0x0123456789abcdef) + i)
            return "a register";
    }
    return NULL;
}

/*
 * What differs after a getpid(), or NULL.
 *
 * An event that Xen delivers in the very return to a PV domain's program leaves
 * there RCX and R11 of the kernel's SYSCALL (docs/xen.md): 4,596 of 3,000,000
 * calls. Three in a row are none of that.
 */
static const char *damage(uint64_t sp, uint64_t flags)
{
    const char *what = damage_once(sp, flags);

    for (unsigned i = 0; i < 2 && what == rcx_differs; i++)
        what = damage_once(sp, flags);
    return what;
}

static void any_stack(void)
{
    static const uint64_t stacks[] = {
        0,
        8,
        0x7fffffffffff,
        UINT64_C(1) << 47,
        UINT64_C(1) << 63,
        0xffff800000000000,
        0xffffffff80100000,
        UINT64_MAX,
    };

    for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
        const char *what = damage(stacks[i], 0x202);

        if (what) {
            fail("syscall-any-stack", "with 0x%llx: %s",
                 (unsigned long long)stacks[i], what);
            return;
        }
    }
    pass("syscall-any-stack");
}

/*
 * What the kernel copies on the way must be right whatever the flags are: with
 * DF set its own string instructions would run backwards.
 */
static const char *copied_wrong(uint64_t flags)
{
    enum { BYTES = 3 * PAGE_BYTES };
    static uint8_t out[BYTES], in[BYTES];
    uint64_t registers[REGISTERS] = { 0 };
    int ends[2];

    if (pipe(ends))
        return "no pipe";
    for (unsigned i = 0; i < BYTES; i++)
        out[i] = (uint8_t)(i * 7 + i / 256 + 1);
    memset(in, 0, BYTES);
    registers[RAX] = SYS_write;
    registers[RDI] = (uint64_t)ends[1];
    registers[RSI] = (uint64_t)out;
    registers[RDX] = BYTES;
    call_with(registers, (uint64_t)LOW + PAGE_BYTES, flags);
    registers[RAX] = SYS_read;
    registers[RDI] = (uint64_t)ends[0];
    registers[RSI] = (uint64_t)in;
    registers[RDX] = BYTES;
    call_with(registers, (uint64_t)LOW + PAGE_BYTES, flags);
    close(ends[0]);
    close(ends[1]);
    return memcmp(in, out, BYTES) ? "other bytes come out of a pipe" : NULL;
}

/*
 * CF, DF, IOPL (which POPF leaves alone), NT and AC.
 *
 * Damage: no CLD in PVOPS_ASM_SYSCALL_ENTRY: under Xen PV a panic, or other
 * bytes.
 */
static void any_flags(void)
{
    static const uint64_t flags[] = { 0x203, 0x602, 0x4202, 0x40202, 0x44ed7 };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const char *what = damage((uint64_t)LOW + PAGE_BYTES, flags[i]);

        if (!what)
            what = copied_wrong(flags[i]);
        if (what) {
            fail("syscall-any-flags", "with 0x%llx: %s",
                 (unsigned long long)flags[i], what);
            return;
        }
    }
    pass("syscall-any-flags");
}

static int step_into_call(void *argument)
{
    (void)argument;
    (void)damage((uint64_t)LOW + PAGE_BYTES, 0x302);
    return 0;
}

/* A selector into DS, FS or GS, then into the kernel in two ways. */
static int load_selector(void *argument)
{
    unsigned selector = *(unsigned *)argument & 0xffff;

    switch (*(unsigned *)argument >> 16) {
    case 0:
        __asm__ volatile("mov %0, %%ds" : : "r"(selector));
        break;
    case 1:
        __asm__ volatile("mov %0, %%gs" : : "r"(selector));
        break;
    default:
        __asm__ volatile("mov %0, %%fs" : : "r"(selector));
        break;
    }
    __asm__ volatile("syscall"
                     :
                     : "a"(SYS_sched_yield)
                     : "rcx", "r11", "memory");
    *(volatile char *)LOW = 1;
    __asm__ volatile("syscall"
                     :
                     : "a"(SYS_exit), "D"(0)
                     : "rcx", "r11", "memory");
    return 1;
}

/* A far return there: 64-bit code, or 32-bit, calls the kernel and traps. */
static int go_to_segment(void *argument)
{
    uint64_t selector = *(unsigned *)argument;

    __asm__ volatile("mov %2, %%rsp\n\t"
                     "push %0\n\t"
                     "push %1\n\t"
                     "lretq"
                     :
                     : "r"(selector), "r"((uint64_t)code),
                       "r"((uint64_t)LOW + PAGE_BYTES), "a"(SYS_getpid)
                     : "memory");
    __builtin_unreachable();
}

static unsigned strange_selector, tried;

static void try_selector(unsigned selector)
{
    static const unsigned char calls[][4] = {
        { 0x0f, 0x05, 0x0f, 0x0b }, /* SYSCALL, UD2 */
        { 0xcd, 0x81, 0x0f, 0x0b }, /* INT */
    };

    for (unsigned segment = 0; segment < 3; segment++, tried++) {
        unsigned argument = segment << 16 | selector;
        int status = in_child(load_selector, &argument);

        if (status && status != SIGSEGV && status != SIGBUS)
            strange_selector = argument;
    }
    for (unsigned i = 0; i < 2; i++, tried++) {
        set_code(calls[i], sizeof(calls[i]));
        if (!(in_child(go_to_segment, &selector) & 0x7f))
            strange_selector = selector;
    }
}

/* The kernel's table; if CS is in Xen's part of it, the entries there, too. */
static void selectors(void)
{
    unsigned own;

    __asm__("mov %%cs, %0" : "=r"(own));
    for (unsigned entry = 0; entry < 9 * 8; entry += 8) {
        try_selector(entry);
        try_selector(entry | 3);
        try_selector(entry | 7); /* of an LDT */
        if (own & 0x8000)
            try_selector((own & 0xff00) | entry | 3);
    }
    check("selectors", !strange_selector, "with 0x%x, of %u", strange_selector,
          tried);
}

/* FSGSBASE; SIGILL where the kernel does not have it on. */
static int bases(void *argument)
{
    uint64_t base = *(uint64_t *)argument, found;

    __asm__ volatile("wrgsbase %0" : : "r"(base));
    for (unsigned i = 0; i < 100; i++) {
        long number = SYS_getpid;

        __asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
        __asm__ volatile("rdgsbase %0" : "=r"(found));
        if (found != base)
            return 1;
    }
    *(volatile char *)LOW = 2;
    __asm__ volatile("rdgsbase %0" : "=r"(found));
    if (found != base)
        return 1;
    __asm__ volatile("ud2");
    return 2;
}

static void any_base(void)
{
    static const uint64_t tries[] = { 0, 0x10, 0xffffffff80100000,
                                      0xffff800000000000 };
    static const unsigned char rdgsbase[] = {
        0xf3, 0x48, 0x0f, 0xae, 0xc8, 0xc3
    };

    if (signal_of_code(rdgsbase, sizeof(rdgsbase))) {
        printf("PVLAB SKIP any-base programs have no WRGSBASE\n");
        fflush(stdout);
        return;
    }
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        uint64_t base = tries[i];
        int status = in_child(bases, &base);

        if (status != SIGILL) {
            fail("any-base", "with 0x%llx: status 0x%x",
                 (unsigned long long)base, (unsigned)status);
            return;
        }
    }
    pass("any-base");
}

int main(void)
{
    code = mmap(LOW, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (code != LOW) {
        fail("entries", "no memory at %p", LOW);
        return 0;
    }
    code += PAGE_BYTES;
    each_instruction();
    each_int();
    any_stack();
    any_flags();
    check("syscall-single-step",
          (in_child(step_into_call, NULL) & 0x7f) == SIGTRAP, "not by SIGTRAP");
    any_base();
    selectors();
    return 0;
}
