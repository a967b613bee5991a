/* SPDX-License-Identifier: MIT */
/*
 * What a program may not read, write or execute ends it, and nobody else; two
 * processes do not see each other's memory.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static int read_from(void *address)
{
    return *(volatile char *)address & 0;
}

static int write_to(void *address)
{
    *(volatile char *)address = 0;
    return 0;
}

static int execute(void *address)
{
    __asm__ volatile("call *%0" : : "r"(address) : "memory");
    return 0;
}

/* The kernel's half of both kernels, a hypervisor's, and what is no address. */
static const struct {
    const char *name;
    uintptr_t address;
} places[] = {
    { "page-0", 0x10 },
    { "kernel-image", 0xffffffff80100000 },
    { "kernel-direct-map", 0xffff888000001000 },
    { "kernel-early", 0xffff880000001000 },
    { "kernel-heap", 0xffffffffc8000000 },
    { "hypervisor", 0xffff800000000000 },
    { "hypervisor-code", 0xffff82d040200000 },
    { "highest", 0xfffffffffffff000 },
    { "behind-the-end", 0x00007ffffffff000 },
    { "nothing-mapped", 0x0000123456789000 },
};

static void forbidden(const char *what, int (*body)(void *argument))
{
    char name[64];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(name, sizeof(name), "%s-%s", what, places[i].name);
        check(name, ends_by_fault(body, (void *)places[i].address),
              "it came through");
    }
}

static int touch_text(void *argument)
{
    (void)argument;
    return write_to((void *)(uintptr_t)touch_text);
}

static void own_pages(void)
{
    unsigned char *data = map_pages(1);

    data[0] = 0xc3; /* RET */
    check("execute-data", ends_by_fault(execute, data), "it came through");
    mprotect(data, PAGE_BYTES, PROT_READ | PROT_EXEC);
    check("execute-allowed", !ends_by_fault(execute, data), "it did not");
    check("write-executable", ends_by_fault(write_to, data), "it came through");
    mprotect(data, PAGE_BYTES, PROT_NONE);
    check("read-none", ends_by_fault(read_from, data), "it came through");
    check("write-text", ends_by_fault(touch_text, NULL), "it came through");
}

static volatile unsigned own = 1;

/* The same address, two values, turn by turn. */
static void apart(void)
{
    int status = 0;
    pid_t child = fork();

    if (!child) {
        for (unsigned i = 0; i < 1000; i++) {
            own = 0xc0000000 + i;
            if (i % 50 == 0)
                usleep(0);
            if (own != 0xc0000000 + i)
                _exit(1);
        }
        _exit(0);
    }
    for (unsigned i = 0; i < 1000 && !status; i++) {
        own = i;
        if (i % 50 == 0)
            usleep(0);
        status = own != i;
    }
    check("processes-apart",
          !status && waitpid(child, &status, 0) == child && !status,
          "one saw the other's value");
}

/* Privileged instructions are #GP. */
static int halt(void *argument)
{
    (void)argument;
    __asm__ volatile("hlt");
    return 0;
}

static int clear_interrupts(void *argument)
{
    (void)argument;
    __asm__ volatile("cli");
    return 0;
}

static int read_root(void *argument)
{
    (void)argument;
    __asm__ volatile("mov %%cr3, %%rax" : : : "rax");
    return 0;
}

static int port(void *argument)
{
    (void)argument;
    __asm__ volatile("in $0x61, %%al" : : : "rax");
    return 0;
}

int main(void)
{
    forbidden("read", read_from);
    forbidden("write", write_to);
    forbidden("execute", execute);
    own_pages();
    apart();
    check("hlt", ends_by_fault(halt, NULL), "it came through");
    check("cli", ends_by_fault(clear_interrupts, NULL), "it came through");
    check("read-cr3", ends_by_fault(read_root, NULL), "it came through");
    check("port", ends_by_fault(port, NULL), "it came through");
    return 0;
}
