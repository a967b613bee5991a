/* SPDX-License-Identifier: MIT */
/*
 * A ROM of the 64-bit profile in this process: see rom64.h.
 */
#include "rom64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <pvops/host.h>

static uint8_t *running;
static size_t running_bytes;
unsigned rom64_lines;
char rom64_text[ROM64_LINES][121];

static void host_log(uint32_t level, const char *line)
{
    assert_true(level <= PVOPS_LOG_DEBUG);
    assert_true(rom64_lines < ROM64_LINES && strlen(line) <= 120);
    memcpy(rom64_text[rom64_lines++], line, strlen(line) + 1);
}

static void host_panic(const char *why)
{
    fail_msg("the ROM panics: %s", why);
}

static uint64_t host_paddr(const void *va)
{
    return (uintptr_t)va;
}

static void *host_map(uint64_t paddr, size_t bytes, uint32_t how)
{
    (void)paddr;
    (void)bytes;
    (void)how;
    return NULL;
}

static void *host_va(uint64_t paddr)
{
    return (void *)(uintptr_t)paddr;
}

/* Of what a program may not do: read as 0, written to nowhere. */
static const struct {
    uint8_t bytes[5], length;
    bool result;
} privileged[] = {
    { { 0x0f, 0x32 }, 2, true },                    /* rdmsr */
    { { 0x0f, 0x30 }, 2, false },                   /* wrmsr */
    { { 0x0f, 0x0b, 0x78, 0x65, 0x6e }, 5, false }, /* Xen's, before CPUID */
    { { 0x0f, 0x01, 0xc1 }, 3, true },              /* vmcall */
    { { 0x0f, 0x01, 0xd9 }, 3, true },              /* vmmcall */
    { { 0xed }, 1, true },                          /* in %dx, %eax */
};

/* MOV from a control register gives 0, MOV to one does nothing; no REX. */
static bool leave_out_mov(greg_t *regs, const uint8_t *at)
{
    static const int general[] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                   REG_RSP, REG_RBP, REG_RSI, REG_RDI };

    if (at[0] != 0x0f || (at[1] != 0x20 && at[1] != 0x22))
        return false;
    if (at[1] == 0x20)
        regs[general[at[2] & 7]] = 0;
    regs[REG_RIP] += 3;
    return true;
}

/* INVPCID of what lies on the stack: 66 0F 38 82, ModRM, SIB, displacement. */
static bool leave_out_invpcid(greg_t *regs, const uint8_t *at)
{
    static const uint8_t opcode[] = { 0x66, 0x0f, 0x38, 0x82 };
    static const uint8_t displacement[] = { 0, 1, 4 };

    if (memcmp(at, opcode, sizeof(opcode)) != 0 || at[4] >> 6 == 3)
        return false;
    regs[REG_RIP] += 5 + ((at[4] & 7) == 4) + displacement[at[4] >> 6];
    return true;
}

static void leave_out(int signal_number, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *)(uintptr_t)regs[REG_RIP];

    (void)info;
    if (at >= running && at < running + running_bytes &&
        (leave_out_mov(regs, at) || leave_out_invpcid(regs, at)))
        return;
    for (unsigned i = 0; i < sizeof(privileged) / sizeof(privileged[0]); i++) {
        if (at < running || at >= running + running_bytes ||
            memcmp(at, privileged[i].bytes, privileged[i].length) != 0)
            continue;
        if (privileged[i].result) {
            regs[REG_RAX] = 0;
            regs[REG_RDX] = 0;
        }
        regs[REG_RIP] += privileged[i].length;
        return;
    }
    signal(signal_number, SIG_DFL);
}

static size_t read_rom(const char *name, uint8_t *out_bytes, size_t most)
{
    char path[600], self[400];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    size_t length;
    FILE *file;

    assert_true(size > 0);
    self[size] = '\0';
    for (unsigned i = 0; i < 3; i++)
        *strrchr(self, '/') = '\0';
    snprintf(path, sizeof(path), "%s/rom/%s.rom", self, name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    length = fread(out_bytes, 1, most, file);
    fclose(file);
    return length;
}

void rom64_run(const struct rom64 *m)
{
    running = m->copy;
    running_bytes = m->bytes;
}

void rom64_load(struct rom64 *m, const char *name)
{
    static uint8_t file[128 * 1024] __attribute__((aligned(16)));
    struct sigaction action = { .sa_sigaction = leave_out,
                                .sa_flags = SA_SIGINFO | SA_NODEFER };

    memset(m, 0, sizeof(*m));
    m->bytes = read_rom(name, file, sizeof(file));
    assert_int_equal(pvi_rom_check(file, m->bytes, VMI64_API_MAJOR, &m->image),
                     0);
    m->state_bytes = m->image.vmi64->state_bytes;
    m->copy = mmap(NULL, m->bytes + m->state_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(m->copy != MAP_FAILED);
    memcpy(m->copy, file, m->bytes);
    assert_int_equal(mprotect(m->copy, m->bytes, PROT_READ | PROT_EXEC), 0);
    rom64_run(m);
    rom64_lines = 0;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);

    m->init = (struct vmi64_init){
        .bytes = sizeof(m->init),
        .tsc_hz = 2000000000,
        .apic_hz = 1000000000,
        .selectors = { 8, 16, 43, 35 },
        .log = (uintptr_t)host_log,
        .panic = (uintptr_t)host_panic,
        .paddr = (uintptr_t)host_paddr,
        .map = (uintptr_t)host_map,
        .va = (uintptr_t)host_va,
    };
}

void rom64_unload(struct rom64 *m)
{
    signal(SIGSEGV, SIG_DFL);
    signal(SIGILL, SIG_DFL);
    munmap(m->copy, m->bytes + m->state_bytes);
}

/* At 80h and 88h there is code, which the compiler cannot know. */
uint32_t rom64_init(struct rom64 *m)
{
    uint32_t (*function)(struct vmi64_init *);
    uintptr_t at = (uintptr_t)m->copy + offsetof(struct vmi_header, init);

    memcpy(&function, &at, sizeof(function));
    return function(&m->init);
}

struct vmi64_relocation rom64_ask(const struct rom64 *m, uint32_t call)
{
    struct vmi64_relocation (*function)(uint32_t);
    uintptr_t at =
        (uintptr_t)m->copy + offsetof(struct vmi_header, get_relocation);
    struct vmi64_relocation r;

    memcpy(&function, &at, sizeof(function));
    r = function(call);
    for (unsigned i = 0; i < sizeof(r.reserved); i++)
        assert_int_equal(r.reserved[i], 0);
    if (r.type != VMI_RELOCATION_NONE)
        assert_in_range(r.target, (uintptr_t)m->copy,
                        (uintptr_t)m->copy + m->bytes - 1);
    return r;
}
