/* SPDX-License-Identifier: MIT */
/*
 * The counting plugin against a model of QEMU: to whom an instruction is
 * charged, and when a sample begins and ends.
 *
 * Damage tried: XEN_FIRST, XEN_LAST, LOW_END and the end of a range moved by
 * one; 0xa4 made 0xa5, 0x6f made 0x6c; REX or 0xf2 left out; VMRUN's bytes
 * looked for at an instruction's end; next_haddr not compared; VMRUN's own
 * count, "entered" or on_block()'s enter() left out; no settling in enter()
 * or on_marker(); "outside" not looked at by on_marker() or class_of(), or
 * not set by the way out; pair->open not cleared; no limit on samples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "qemu_model.h"
#include "where/plugin.c"

static uint8_t host_ram[128];

/* Execute one block of one instruction, translated anew. */
static void run_bytes(unsigned vcpu, uint64_t vaddr, size_t ram,
                      const char *bytes, size_t size)
{
    struct qemu_plugin_insn insn = {
        .vaddr = vaddr,
        .haddr = host_ram + ram,
        .bytes = bytes,
        .size = size,
    };

    qemu_model_execute(vcpu, &insn);
}

static void run(unsigned vcpu, uint64_t vaddr)
{
    run_bytes(vcpu, vaddr, 32, "\x90", 1);
}

#define HOST UINT64_C(0xffffffff81000000)

static void run_vmrun(unsigned vcpu)
{
    run_bytes(vcpu, HOST, 0, "\x0f\x01\xd8", 3);
}

static void run_vmexit(unsigned vcpu)
{
    run_bytes(vcpu, HOST + 3, 3, "\x90", 1);
}

static char out_path[] = "/tmp/where_plugin.XXXXXX";

static int install(int cpus, const char *a, const char *b, const char *c)
{
    const qemu_info_t info = {
        .target_name = "x86_64",
        .system_emulation = true,
        .system = { .smp_vcpus = 1, .max_vcpus = cpus },
    };
    char out_argument[64];
    char *argv[4] = { out_argument, (char *)a, (char *)b, (char *)c };
    int argc = 1;

    snprintf(out_argument, sizeof(out_argument), "out=%s", out_path);
    while (argc < 4 && argv[argc])
        argc++;
    return qemu_plugin_install(1, &info, argc, argv);
}

static int make_out(void **state)
{
    int fd;

    (void)state;
    strcpy(strchr(out_path, '.'), ".XXXXXX");
    fd = mkstemp(out_path);
    if (fd < 0)
        return -1;
    close(fd);

    mode = MODE_NATIVE;
    range_count = pair_count = site_count = 0;
    marker_lowest = UINT64_MAX;
    marker_highest = 0;
    current_vcpu = 0;
    memset(in_guest, 0, sizeof(in_guest));
    booting = true;
    written = 0;
    return 0;
}

static int remove_out(void **state)
{
    char path[64];

    (void)state;
    if (out)
        fclose(out);
    if (live)
        munmap(live, sizeof(*live));
    out = NULL;
    live = NULL;
    snprintf(path, sizeof(path), "%s%s", out_path, WHERE_LIVE_SUFFIX);
    unlink(path);
    return unlink(out_path);
}

static void expect_sum(uint64_t user, uint64_t kernel, uint64_t hypervisor)
{
    where_live_settle(live);
    assert_int_equal(live->sum[WHERE_USER][WHERE_ALL], user);
    assert_int_equal(live->sum[WHERE_KERNEL][WHERE_ALL], kernel);
    assert_int_equal(live->sum[WHERE_HYPERVISOR][WHERE_ALL], hypervisor);
}

static void expect_out(const char *want)
{
    char text[512] = "";
    FILE *in = fopen(out_path, "r");

    assert_non_null(in);
    text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(text, want);
}

static void native_is_split_at_the_low_half(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=native", NULL, NULL), 0);
    run(0, HOST);
    expect_sum(0, 1, 0);
    run(0, 0x7fffffffffff);
    run(0, 0x800000000000);
    run(0, 0xffff800000000000);
    expect_sum(1, 3, 0);
}

/* Firmware and decompressor are not user programs. */
static void boot_code_is_the_kernels(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=native", NULL, NULL), 0);
    run(0, 0xfff0);
    run(0, 0x100000);
    expect_sum(0, 2, 0);
    run(0, HOST);
    run(0, 0x100000);
    expect_sum(1, 3, 0);
}

static void xen_has_its_range(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=xen_pv", NULL, NULL), 0);
    run(0, 0x200000);
    expect_sum(0, 0, 1);
    run(0, 0xffff800000000000);
    run(0, 0xffff87ffffffffff);
    expect_sum(0, 0, 3);
    run(0, 0xffff7fffffffffff);
    run(0, 0xffff880000000000);
    run(0, 0x401000);
    expect_sum(1, 2, 3);
}

static void low_kernel_is_known_by_its_ranges(void **state)
{
    (void)state;
    assert_int_equal(install(1, "kernel=0x100000-0x101000", NULL, NULL), 0);
    run(0, 0x7c00);
    run(0, 0x100000);
    run(0, 0x100fff);
    expect_sum(0, 3, 0);
    run(0, 0xfffff);
    run(0, 0x101000);
    expect_sum(2, 3, 0);
}

static void only_rep_strings_repeat(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        unsigned rep;
    } rows[] = {
        /* clang-format off */
        { "\xf3\xa4", 2, 1 },             /* rep movsb */
        { "\xf3\x48\xab", 3, 1 },         /* rep stosq */
        { "\xf2\x67\x66\xaf", 4, 1 },     /* repne scasw, 32-bit address */
        { "\x66\xf3\x6d", 3, 1 },         /* rep insw */
        { "\x48\xab", 2, 0 },             /* stosq */
        { "\xf3\x90", 2, 0 },             /* pause */
        { "\xf3\xa8\x01", 3, 0 },         /* test, prefix without effect */
        { "\xf3\x0f\x6f\x00", 4, 0 },     /* movdqu */
        { "\xf3\x0f\xb8\xc0", 4, 0 },     /* popcnt */
        { "\xf3\x48\x0f\xb8\xa4", 5, 0 },
        { "\xf3\x48", 2, 0 },             /* 32-bit: dec eax */
        { "\xb8\xf3\xa4\x00\x00", 5, 0 }, /* mov eax, 0xa4f3 */
        /* clang-format on */
    };

    (void)state;
    assert_int_equal(install(1, NULL, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t before = live->cell[WHERE_KERNEL][WHERE_REP];

        run_bytes(0, HOST, 32, rows[i].bytes, rows[i].size);
        assert_int_equal(live->cell[WHERE_KERNEL][WHERE_REP] - before,
                         rows[i].rep);
        expect_sum(0, i + 1, 0);
    }
}

static void guest_mode_is_followed(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run(0, 0x401000);
    run(0, HOST);
    run_vmrun(0);
    expect_sum(0, 0, 3);
    run(0, 0x1000);
    run(0, HOST + 16);
    run(0, 0x1000);
    expect_sum(1, 2, 3);
    run_vmexit(0);
    run(0, 0x401000);
    expect_sum(1, 2, 5);
    run_vmrun(0);
    run(0, 0x1000);
    expect_sum(2, 2, 6);
    expect_out("");
}

/* The hypervisor's high addresses are not the guest's kernel at work. */
static void guests_boot_code_is_its_kernels(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run(0, HOST + 16);
    run_vmrun(0);
    run(0, 0x1000);
    run_vmexit(0);
    run_vmrun(0);
    run(0, 0x1000);
    expect_sum(0, 2, 4);
    run(0, HOST + 16);
    run(0, 0x1000);
    expect_sum(1, 3, 4);
}

/* The same virtual address in the guest's own memory. */
static void way_out_is_known_by_its_memory(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run_vmrun(0);
    run(0, HOST + 3);
    run(0, HOST);
    expect_sum(0, 2, 1);
    run_vmexit(0);
    expect_sum(0, 2, 2);
}

static void vmrun_is_no_other_instruction(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run_bytes(0, HOST, 0, "\xb8\x00\x0f\x01\xd8", 5); /* mov eax, imm */
    run_bytes(0, HOST, 0, "\x0f\x01\xd9", 3);         /* vmmcall */
    run(0, HOST + 16);
    expect_sum(0, 0, 3);
    run_bytes(0, HOST, 0, "\x67\x0f\x01\xd8", 4);
    run(0, HOST + 16);
    expect_sum(0, 1, 4);
}

/* A guest's VMRUN traps and changes nothing, nor does what is behind it. */
static void guests_own_vmrun_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run_vmrun(0);
    run_bytes(0, HOST, 40, "\x0f\x01\xd8", 3);
    run_bytes(0, HOST + 3, 43, "\x90", 1);
    run(0, HOST + 16);
    assert_false(live->outside);
    run_vmexit(0);
    assert_true(live->outside);
    expect_out("");
}

static void missed_way_out_is_reported(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", NULL, NULL), 0);
    run_vmrun(0);
    run(0, HOST + 16);
    run_vmrun(0);
    expect_out("error a VMRUN did not return to the instruction behind it\n");
}

static void each_vcpu_has_its_mode(void **state)
{
    (void)state;
    assert_int_equal(install(2, "mode=svm", NULL, NULL), 0);
    run(0, HOST + 16);
    run_vmrun(0);
    run(0, 0x1000);
    run(1, 0x1000);
    run(1, HOST + 16);
    run(0, HOST + 16);
    run(1, HOST + 16);
    run_vmrun(1);
    run_vmexit(0);
    run(1, HOST + 16);
    /* Of vCPU 0, 2; of vCPU 1, 1; low addresses before are boot code. */
    expect_sum(0, 3, 7);
}

static void samples_go_from_marker_to_marker(void **state)
{
    (void)state;
    assert_int_equal(install(1, "pair=0x2000:0x3000", "pair=0x3000:0x3000",
                             "pair=0x3001:0x2000"),
                     0);
    run(0, HOST);
    run(0, 0x3000); /* opens pair 1; closes nothing */
    run(0, 0x2000);
    run_bytes(0, HOST, 32, "\xf3\xa4", 2);
    run(0, 0x3000);
    run(0, 0x3000);
    run(0, 0x2000); /* a pass that a later one replaces */
    run(0, 0x2000);
    run(0, HOST);
    run(0, HOST);
    run(0, 0x3000);
    expect_out("sample 0 1 1 0 0 1 0 0 0 0 0 .\n"
               "sample 1 2 1 0 0 1 0 0 0 0 0 .\n"
               "sample 1 1 0 0 0 0 0 0 0 0 0 .\n"
               "sample 0 1 2 0 0 0 0 0 0 0 0 .\n"
               "sample 1 3 2 0 0 0 0 0 0 0 0 .\n");
}

/* Those of user mode, and a kernel's hypercalls; CPUID begins alike. */
static void calls_are_counted(void **state)
{
    (void)state;
    assert_int_equal(install(1, "pair=0x2000:0x3000", NULL, NULL), 0);
    run(0, HOST);
    run(0, 0x2000);
    run_bytes(0, 0x2002, 0, "\x0f\x05", 2);
    run_bytes(0, 0x2004, 0, "\x0f\xa2", 2);
    run_bytes(0, HOST, 32, "\x0f\x01\xc1", 3);
    run_bytes(0, HOST + 4, 64, "\x0f\x01\xd9", 3);
    run_bytes(0, HOST + 8, 96, "\x0f\x01\xd8", 3);
    run(0, 0x3000);
    expect_out("sample 0 3 3 0 0 0 0 1 2 0 0 .\n");
}

static void markers_are_the_guests(void **state)
{
    (void)state;
    assert_int_equal(install(1, "mode=svm", "pair=0x2000:0x3000", NULL), 0);
    run(0, 0x2000);
    run_vmrun(0);
    run(0, HOST + 16);
    run(0, 0x3000); /* never opened: the first pass was outside */
    run(0, 0x2000);
    run_vmexit(0);
    run(0, 0x3000);
    run_vmrun(0);
    run(0, 0x3000);
    expect_out("sample 0 1 0 3 0 0 0 0 0 0 1 .\n");
}

static void disk_is_not_filled(void **state)
{
    char line[64], last[64] = "";
    size_t lines = 0;
    FILE *in;

    (void)state;
    assert_int_equal(install(1, "pair=0x2000:0x2000", NULL, NULL), 0);
    for (size_t i = 0; i < MAX_SAMPLES + 10; i++)
        on_marker(0, (void *)0x2000);
    in = fopen(out_path, "r");
    assert_non_null(in);
    for (; fgets(line, sizeof(line), in); lines++)
        strcpy(last, line);
    fclose(in);
    assert_string_equal(last, "full\n");
    assert_int_equal(lines, MAX_SAMPLES + 1);
}

static void bad_arguments_are_refused(void **state)
{
    static const char *const rows[] = {
        "mode=xen",     "mode=",      "kernel=1",
        "kernel=1-",    "kernel=-2",  "kernel=-2-5",
        "pair=1: 2",    "pair=1:2:3", "pair=1",
        "pair=begin:2", "speed=1",    "",
        "pair=1:2 ",    "kernel=1:2", "out=/nonexistent/x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (install(1, rows[i], NULL, NULL) == 0)
            fail_msg("%s was taken", rows[i]);
        if (out)
            fclose(out);
        munmap(live, sizeof(*live));
    }
    assert_int_not_equal(install(MAX_VCPUS + 1, NULL, NULL, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_out, remove_out)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(native_is_split_at_the_low_half),
        TEST(boot_code_is_the_kernels),
        TEST(xen_has_its_range),
        TEST(low_kernel_is_known_by_its_ranges),
        TEST(only_rep_strings_repeat),
        TEST(guest_mode_is_followed),
        TEST(guests_boot_code_is_its_kernels),
        TEST(way_out_is_known_by_its_memory),
        TEST(vmrun_is_no_other_instruction),
        TEST(guests_own_vmrun_changes_nothing),
        TEST(missed_way_out_is_reported),
        TEST(each_vcpu_has_its_mode),
        TEST(samples_go_from_marker_to_marker),
        TEST(calls_are_counted),
        TEST(markers_are_the_guests),
        TEST(disk_is_not_filled),
        TEST(bad_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
