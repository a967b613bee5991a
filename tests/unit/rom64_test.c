/* SPDX-License-Identifier: MIT */
/*
 * The ROMs of rom/x86_64, run in this process as a kernel runs them: a copy
 * that nobody can write to, the state directly behind it. What is privileged is
 * skipped; each call is then compared with what the library would do itself.
 *
 * Damage tried, each seen: relocate() without bit 63; r.pad left out; NOP for a
 * body of one byte; JUMP_REL for every call; detect() not asked; init->bytes
 * not looked at; Init writes to the image; no seal_nothing(); caps filled by
 * each CPU's set-up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <capstone/capstone.h>
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rom64.h"
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
static void require(const struct rom64 *m, uint32_t call, uintptr_t function,
                    const struct pvi_body *body)
{
    struct vmi64_relocation r = rom64_ask(m, call);

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
    struct rom64 m;
    bool known[256] = { [VMI64_CALL_SETUP] = true,
                        [VMI64_CALL_CPU_SETUP] = true,
                        [VMI64_CALL_CPU_TEARDOWN] = true };

    (void)state;
    rom64_load(&m, "vmi64-native");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE);
    assert_int_equal(rom64_init(&m), VMI64_OK);
    assert_int_equal(rom64_lines, 0);
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    known[number] = true;                                                      \
    require(                                                                   \
        &m, number, (uintptr_t)pvi_native_##chapter##_##op,                    \
        body_of(pvi_bodies_native, (uintptr_t)pvi_native_##chapter##_##op));
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
    for (uint32_t call = 0; call < 256; call++) {
        if (!known[call])
            assert_int_equal(rom64_ask(&m, call).type, VMI_RELOCATION_NONE);
    }
    assert_int_equal(rom64_ask(&m, UINT32_MAX).type, VMI_RELOCATION_NONE);
    assert_int_equal(rom64_ask(&m, VMI64_CALL_SETUP).type,
                     VMI_RELOCATION_CALL_REL);
    assert_int_equal(rom64_ask(&m, VMI64_CALL_CPU_SETUP).type,
                     VMI_RELOCATION_CALL_REL);
    assert_int_equal(rom64_ask(&m, VMI64_CALL_CPU_TEARDOWN).type,
                     VMI_RELOCATION_CALL_REL);
    rom64_unload(&m);
}

/* Native calls that a program may make, before Setup and after. */
static void test_native_runs(void **state)
{
    uint64_t entry = UINT64_C(0x123456789abcd067), first;
    uint64_t (*value)(uint64_t), (*read)(const uint64_t *), (*now_ns)(void);
    uint32_t (*setup)(struct vmi64_init *);
    uintptr_t target;
    struct rom64 m;

    (void)state;
    rom64_load(&m, "vmi64-native");
    assert_int_equal(rom64_init(&m), VMI64_OK);
    target = rom64_ask(&m, 140).target;
    memcpy(&value, &target, sizeof(value));
    assert_int_equal(value(entry), entry);
    target = rom64_ask(&m, 139).target;
    memcpy(&read, &target, sizeof(read));
    assert_int_equal(read(&entry), entry);
    target = rom64_ask(&m, 148).target;
    memcpy(&now_ns, &target, sizeof(now_ns));
    assert_int_equal(now_ns(), 0);

    target = rom64_ask(&m, VMI64_CALL_SETUP).target;
    memcpy(&setup, &target, sizeof(setup));
    m.init.resources.xen_upcall = 1;
    m.init.resources.xen_timer_port = 77;
    m.init.resources.hyperv_timer_sint = 5;
    assert_int_equal(setup(&m.init), VMI64_OK);
    assert_true(rom64_lines > 0);
    assert_string_equal(rom64_text[0], "pvops: backend native");
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
    rom64_unload(&m);
}

/* The kernel's own set-up of a CPU: GS and what the header asks for there. */
static uint32_t set_up_cpu(const struct rom64 *m, uint8_t *base, uint32_t index,
                           bool own_timer)
{
    struct vmi64_cpu cpu = {
        .bytes = sizeof(cpu),
        .index = index,
        .deadline_vector = 0xf0,
        .event_vector = 0xf1,
        .own_timer = own_timer,
        .area = (uintptr_t)base + m->image.vmi64->cpu_offset,
    };
    uintptr_t target = rom64_ask(m, VMI64_CALL_CPU_SETUP).target;
    uint32_t (*function)(struct vmi64_cpu *);

    assert_int_equal(syscall(SYS_arch_prctl, ARCH_SET_GS, base), 0);
    memcpy(&function, &target, sizeof(function));
    return function(&cpu);
}

/* No timer answers here, so the kernel keeps its own, as it is told to. */
static void test_cpus(void **state)
{
    static uint8_t area[2][64 + PVI_ROM_MOST_CPU] __attribute__((aligned(64)));
    uint32_t (*setup)(struct vmi64_init *);
    uintptr_t target;
    struct rom64 m;

    (void)state;
    rom64_load(&m, "vmi64-native");
    assert_int_equal(m.image.vmi64->cpu_segment, 'g');
    assert_int_equal(m.image.vmi64->cpu_offset, 64);
    assert_int_equal(rom64_init(&m), VMI64_OK);
    assert_int_equal(set_up_cpu(&m, area[0], 0, true), VMI64_E_INVALID);
    target = rom64_ask(&m, VMI64_CALL_SETUP).target;
    memcpy(&setup, &target, sizeof(setup));
    assert_int_equal(setup(&m.init), VMI64_OK);
    assert_int_equal(set_up_cpu(&m, area[1], 1, true), VMI64_E_INVALID);
    assert_int_equal(set_up_cpu(&m, area[0], 0, false), VMI64_E_UNSUPPORTED);
    m.init.caps = 0;
    assert_int_equal(set_up_cpu(&m, area[0], 0, true), VMI64_OK);
    assert_true(m.init.caps & VMI64_CAP_RING0);
    m.init.caps = 0;
    assert_int_equal(set_up_cpu(&m, area[1], 1, true), VMI64_OK);
    assert_int_equal(m.init.caps, 0);
    /* What lies before the area and behind it is not the ROM's. */
    for (unsigned i = 0; i < sizeof(area[0]); i++) {
        if (i < 64 || i >= 64 + m.image.vmi64->cpu_bytes) {
            assert_int_equal(area[0][i], 0);
            assert_int_equal(area[1][i], 0);
        }
    }
    rom64_unload(&m);
}

/* At any address; a second Init finds the state as after none. */
static void test_anywhere(void **state)
{
    struct rom64 a, b;

    (void)state;
    rom64_load(&a, "vmi64-native");
    rom64_load(&b, "vmi64-native");
    assert_int_equal(rom64_init(&b), VMI64_OK);
    rom64_run(&a);
    assert_int_equal(rom64_init(&a), VMI64_OK);
    assert_int_equal(rom64_init(&a), VMI64_OK);
    for (uint32_t call = 0; call < VMI64_CALLS; call++) {
        struct vmi64_relocation r = rom64_ask(&a, call),
                                s = rom64_ask(&b, call);

        assert_int_equal(r.type, s.type);
        if (r.type != VMI_RELOCATION_NONE)
            assert_int_equal(r.target - (uintptr_t)a.copy,
                             s.target - (uintptr_t)b.copy);
    }
    rom64_unload(&a);
    rom64_unload(&b);
}

static void test_refuses(void **state)
{
    struct rom64 m;

    (void)state;
    rom64_load(&m, "vmi64-native");
    m.init.bytes = sizeof(m.init) - 1;
    assert_int_equal(rom64_init(&m), VMI64_E_INVALID);
    m.init.bytes = sizeof(m.init) + 8;
    assert_int_equal(rom64_init(&m), VMI64_OK);
    m.init.entry = VMI64_ENTRY_XEN_PV + 1;
    assert_int_equal(rom64_init(&m), VMI64_E_INVALID);
    m.init.entry = VMI64_ENTRY_XEN_PV;
    assert_int_equal(rom64_init(&m), VMI64_E_DOES_NOT_FIT);
    rom64_unload(&m);

    rom64_load(&m, "vmi64-xen_pv");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE | VMI64_XEN_PV);
    assert_int_equal(rom64_init(&m), VMI64_E_DOES_NOT_FIT);
    assert_int_equal(rom64_lines, 0);
    rom64_unload(&m);
}

/* Those whose bodies are asm; every call is served, IRET jumped to. */
static void test_xen_pv_calls(void **state)
{
    struct rom64 m;

    (void)state;
    rom64_load(&m, "vmi64-xen_pv");
    m.init.entry = VMI64_ENTRY_XEN_PV;
    assert_int_equal(rom64_init(&m), VMI64_OK);
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    assert_int_not_equal(rom64_ask(&m, number).type, VMI_RELOCATION_NONE);
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
    require(&m, 131, (uintptr_t)pvi_xen_pv_entry,
            body_of(pvi_bodies_xen_pv, (uintptr_t)pvi_xen_pv_entry));
    require(&m, 132, (uintptr_t)pvi_xen_pv_swapgs,
            body_of(pvi_bodies_xen_pv, (uintptr_t)pvi_xen_pv_swapgs));
    assert_int_equal(rom64_ask(&m, 132).type, VMI_RELOCATION_NOP);
    assert_int_equal(rom64_ask(&m, 33).type, VMI_RELOCATION_JUMP_REL);
    for (uint32_t call = 29; call <= 31; call++)
        assert_int_equal(rom64_ask(&m, call).type, VMI_RELOCATION_CALL_REL);
    rom64_unload(&m);
}

/* Whole, and all but the time is left to the kernel. */
static void test_kvm_description(void **state)
{
    struct rom64 m;

    (void)state;
    rom64_load(&m, "vmi64-kvm");
    assert_int_equal(m.image.vmi64->flags, VMI64_WHOLE);
    assert_string_equal(m.image.platform, "kvm");
    assert_string_equal(m.image.manufacturer, "libpvops");
    if (rom64_init(&m) == VMI64_OK) {
        assert_int_equal(rom64_ask(&m, 148).type, VMI_RELOCATION_CALL_REL);
        assert_int_equal(rom64_ask(&m, 29).type, VMI_RELOCATION_NONE);
    }
    rom64_unload(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native_calls),
        cmocka_unit_test(test_native_runs),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_anywhere),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_xen_pv_calls),
        cmocka_unit_test(test_kvm_description),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
