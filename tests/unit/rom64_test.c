/* SPDX-License-Identifier: MIT */
/*
 * The ROMs of rom/x86_64, run in this process as a kernel runs them: a copy
 * that nobody can write to, the state directly behind it. What is privileged is
 * skipped; each call is then compared with what the library would do itself.
 *
 * Damage tried, each seen: relocate() without bit 63; r.pad left out; NOP for a
 * body of one byte; JUMP_REL for every call; detect() not asked; init->bytes
 * not looked at; Init writes to the image.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <capstone/capstone.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "abi/vmi64.h"
#include "vmi_image.h"
#include "xen.h"

/* What of the library is not linked here is NULL: C code, which has no body. */
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    extern __typeof__(pvi_native_##chapter##_##op) pvi_native_##chapter##_##op \
        __attribute__((weak));
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL

/* xen_64.S refers to these; nobody calls it. */
struct vcpu_info *pvi_xen_pv_vcpu_info;
uintptr_t pvi_xen_pv_cr3;
const uint64_t *pvi_xen_pv_m2p;
const uint64_t *pvi_xen_pv_p2m;
uint64_t pvi_xen_pv_frames;
void pvi_xen_pv_no_page(uint64_t frame)
{
    (void)frame;
    abort();
}
void pvi_xen_pv_failed(const uint64_t *frame)
{
    (void)frame;
    abort();
}

enum { MOST_LINES = 100 };

/* One ROM, as a kernel has it before Init. */
struct machine {
    uint8_t *copy;
    size_t bytes, state_bytes;
    struct pvi_rom_image image;
    struct vmi64_init init;
};

static uint8_t *running;
static size_t running_bytes;
static unsigned lines;
static char text[MOST_LINES][121];

static void host_log(uint32_t level, const char *line)
{
    assert_true(level <= PVOPS_LOG_DEBUG);
    assert_true(lines < MOST_LINES && strlen(line) <= 120);
    memcpy(text[lines++], line, strlen(line) + 1);
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

static void leave_out(int signal_number, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *)(uintptr_t)regs[REG_RIP];

    (void)info;
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

static void load(struct machine *m, const char *name)
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
    running = m->copy;
    running_bytes = m->bytes;
    lines = 0;
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

static void unload(struct machine *m)
{
    signal(SIGSEGV, SIG_DFL);
    signal(SIGILL, SIG_DFL);
    munmap(m->copy, m->bytes + m->state_bytes);
}

/* At 80h and 88h there is code, which the compiler cannot know. */
static uint32_t init(struct machine *m)
{
    uint32_t (*function)(struct vmi64_init *);
    uintptr_t at = (uintptr_t)m->copy + offsetof(struct vmi_header, init);

    memcpy(&function, &at, sizeof(function));
    return function(&m->init);
}

static struct vmi64_relocation ask(const struct machine *m, uint32_t call)
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

static const struct pvi_body *body_of(const struct pvi_body *body,
                                      uintptr_t function)
{
    for (; body->kind != PVI_BODY_END; body++) {
        if ((uintptr_t)body + (uintptr_t)(intptr_t)body->function == function)
            return body;
    }
    return NULL;
}

/* A body runs at any place: no branch, and no operand relative to RIP. */
static void require_movable(const uint8_t *code, size_t length)
{
    cs_insn *insn;
    size_t count;
    csh engine;

    assert_int_equal(cs_open(CS_ARCH_X86, CS_MODE_64, &engine), CS_ERR_OK);
    cs_option(engine, CS_OPT_DETAIL, CS_OPT_ON);
    count = cs_disasm(engine, code, length, 0, 0, &insn);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const cs_x86 *x86 = &insn[i].detail->x86;

        length -= insn[i].size;
        assert_false(cs_insn_group(engine, &insn[i], CS_GRP_BRANCH_RELATIVE));
        assert_false(cs_insn_group(engine, &insn[i], CS_GRP_CALL));
        for (unsigned n = 0; n < x86->op_count; n++)
            assert_false(x86->operands[n].type == X86_OP_MEM &&
                         x86->operands[n].mem.base == X86_REG_RIP);
    }
    assert_int_equal(length, 0);
    cs_free(insn, count);
    cs_close(&engine);
}

/* 'call' is what the library's 'function' is, with its 'body' if it has one. */
static void require(const struct machine *m, uint32_t call, uintptr_t function,
                    const struct pvi_body *body)
{
    struct vmi64_relocation r = ask(m, call);

    if (!body) {
        assert_int_equal(r.type, VMI_RELOCATION_CALL_REL);
        return;
    }
    if (body->length == 0) {
        assert_int_equal(r.type, VMI_RELOCATION_NOP);
        return;
    }
    assert_int_equal(r.type, VMI64_RELOCATION_INLINE);
    assert_int_equal(r.skip, body->skip);
    assert_int_equal(r.length, body->length);
    assert_int_equal(r.pad, body->pad);
    assert_memory_equal((const void *)(uintptr_t)(r.target + r.skip),
                        (const void *)(function + body->skip), body->length);
    require_movable((const uint8_t *)(uintptr_t)(r.target + r.skip), r.length);
    /* So that it can be called, too. */
    assert_int_equal(((const uint8_t *)(uintptr_t)r.target)[r.skip + r.length],
                     0xc3);
}

static void test_native_calls(void **state)
{
    struct machine m;
    bool known[256] = { [VMI64_CALL_SETUP] = true,
                        [VMI64_CALL_CPU_SETUP] = true,
                        [VMI64_CALL_CPU_TEARDOWN] = true };

    (void)state;
    load(&m, "vmi64-native");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE);
    assert_int_equal(init(&m), VMI64_OK);
    assert_int_equal(lines, 0);
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    known[number] = true;                                                      \
    require(                                                                   \
        &m, number, (uintptr_t)pvi_native_##chapter##_##op,                    \
        body_of(pvi_bodies_native, (uintptr_t)pvi_native_##chapter##_##op));
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
    for (uint32_t call = 0; call < 256; call++) {
        if (!known[call])
            assert_int_equal(ask(&m, call).type, VMI_RELOCATION_NONE);
    }
    assert_int_equal(ask(&m, UINT32_MAX).type, VMI_RELOCATION_NONE);
    assert_int_equal(ask(&m, VMI64_CALL_SETUP).type, VMI_RELOCATION_CALL_REL);
    assert_int_equal(ask(&m, VMI64_CALL_CPU_SETUP).type,
                     VMI_RELOCATION_CALL_REL);
    assert_int_equal(ask(&m, VMI64_CALL_CPU_TEARDOWN).type,
                     VMI_RELOCATION_CALL_REL);
    unload(&m);
}

/* Native calls that a program may make, before Setup and after. */
static void test_native_runs(void **state)
{
    uint64_t entry = UINT64_C(0x123456789abcd067), first;
    uint64_t (*value)(uint64_t), (*read)(const uint64_t *), (*now_ns)(void);
    uint32_t (*setup)(struct vmi64_init *);
    uintptr_t target;
    struct machine m;

    (void)state;
    load(&m, "vmi64-native");
    assert_int_equal(init(&m), VMI64_OK);
    target = ask(&m, 140).target;
    memcpy(&value, &target, sizeof(value));
    assert_int_equal(value(entry), entry);
    target = ask(&m, 139).target;
    memcpy(&read, &target, sizeof(read));
    assert_int_equal(read(&entry), entry);
    target = ask(&m, 148).target;
    memcpy(&now_ns, &target, sizeof(now_ns));
    assert_int_equal(now_ns(), 0);

    target = ask(&m, VMI64_CALL_SETUP).target;
    memcpy(&setup, &target, sizeof(setup));
    m.init.resources.xen_upcall = 1;
    m.init.resources.xen_timer_port = 77;
    m.init.resources.hyperv_timer_sint = 5;
    assert_int_equal(setup(&m.init), VMI64_OK);
    assert_true(lines > 0);
    assert_string_equal(text[0], "pvops: backend native");
    assert_int_equal(m.init.root_pages, 1);
    assert_true(m.init.caps & VMI64_CAP_RING0);
    assert_memory_equal(m.init.own_selectors, m.init.selectors,
                        sizeof(m.init.selectors));
    assert_int_equal(m.init.resources.xen_upcall, 1);
    assert_int_equal(m.init.resources.xen_timer_port, 77);
    assert_int_equal(m.init.resources.hyperv_timer_sint, 5);
    first = now_ns();
    usleep(2000);
    assert_true(now_ns() > first);
    unload(&m);
}

/* At any address; a second Init finds the state as after none. */
static void test_anywhere(void **state)
{
    struct machine a, b;

    (void)state;
    load(&a, "vmi64-native");
    load(&b, "vmi64-native");
    assert_int_equal(init(&b), VMI64_OK);
    running = a.copy;
    assert_int_equal(init(&a), VMI64_OK);
    assert_int_equal(init(&a), VMI64_OK);
    for (uint32_t call = 0; call < VMI64_CALLS; call++) {
        struct vmi64_relocation r = ask(&a, call), s = ask(&b, call);

        assert_int_equal(r.type, s.type);
        if (r.type != VMI_RELOCATION_NONE)
            assert_int_equal(r.target - (uintptr_t)a.copy,
                             s.target - (uintptr_t)b.copy);
    }
    unload(&a);
    unload(&b);
}

static void test_refuses(void **state)
{
    struct machine m;

    (void)state;
    load(&m, "vmi64-native");
    m.init.bytes = sizeof(m.init) - 1;
    assert_int_equal(init(&m), VMI64_E_INVALID);
    m.init.bytes = sizeof(m.init) + 8;
    assert_int_equal(init(&m), VMI64_OK);
    m.init.entry = VMI64_ENTRY_XEN_PV + 1;
    assert_int_equal(init(&m), VMI64_E_INVALID);
    m.init.entry = VMI64_ENTRY_XEN_PV;
    assert_int_equal(init(&m), VMI64_E_DOES_NOT_FIT);
    unload(&m);

    load(&m, "vmi64-xen_pv");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE | VMI64_XEN_PV);
    assert_int_equal(init(&m), VMI64_E_DOES_NOT_FIT);
    assert_int_equal(lines, 0);
    unload(&m);
}

/* Those whose bodies are asm; every call is served, IRET jumped to. */
static void test_xen_pv_calls(void **state)
{
    struct machine m;

    (void)state;
    load(&m, "vmi64-xen_pv");
    m.init.entry = VMI64_ENTRY_XEN_PV;
    assert_int_equal(init(&m), VMI64_OK);
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    assert_int_not_equal(ask(&m, number).type, VMI_RELOCATION_NONE);
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
    require(&m, 131, (uintptr_t)pvi_xen_pv_entry,
            body_of(pvi_bodies_xen_pv, (uintptr_t)pvi_xen_pv_entry));
    require(&m, 132, (uintptr_t)pvi_xen_pv_swapgs,
            body_of(pvi_bodies_xen_pv, (uintptr_t)pvi_xen_pv_swapgs));
    assert_int_equal(ask(&m, 132).type, VMI_RELOCATION_NOP);
    assert_int_equal(ask(&m, 33).type, VMI_RELOCATION_JUMP_REL);
    for (uint32_t call = 29; call <= 31; call++)
        assert_int_equal(ask(&m, call).type, VMI_RELOCATION_CALL_REL);
    unload(&m);
}

/* Whole, and all but the time is left to the kernel. */
static void test_kvm_description(void **state)
{
    struct machine m;

    (void)state;
    load(&m, "vmi64-kvm");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE);
    assert_string_equal(m.image.platform, "kvm");
    assert_string_equal(m.image.manufacturer, "libpvops");
    if (init(&m) == VMI64_OK) {
        assert_int_equal(ask(&m, 148).type, VMI_RELOCATION_CALL_REL);
        assert_int_equal(ask(&m, 29).type, VMI_RELOCATION_NONE);
    }
    unload(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native_calls),
        cmocka_unit_test(test_native_runs),
        cmocka_unit_test(test_anywhere),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_xen_pv_calls),
        cmocka_unit_test(test_kvm_description),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
