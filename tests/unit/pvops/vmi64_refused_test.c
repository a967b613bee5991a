/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile's consumer: every ROM that is not taken, and why.
 *
 * Source: docs/vmi64.md.
 */
#include "vmi64_machine.h"

#include "cpu.h"
#include "host.h"
#include "pvtest.h"

#include "abi/cpuid.h"

enum { REGION = 0x7f000000 };

static struct vmi64_header *profile(void)
{
    return (struct vmi64_header *)(vmi64.rom.bytes + VMI64_HEADER_AT);
}

/* What is wrong with the image or its place, each with its line. */
static void bad_sum(void)
{
    vmi64_in_module();
    vmi64.module[vmi64.module_bytes - 1]++;
}

static void other_major(void)
{
    ROM_HEADER(&vmi64.rom, api_major, VMI_API_MAJOR);
    vmi64_in_module();
}

static void small_area(void)
{
    vmi64.options.area_bytes = 0x2fff;
    vmi64_in_module();
}

static void smaller_area(void)
{
    vmi64.options.area_bytes = 0x800;
    vmi64_in_module();
}

static void cut_member(void)
{
    vmi64_in_module();
    vmi64.options.module_bytes--;
}

static void short_member(void)
{
    vmi64_in_module();
    memcpy(vmi64.module + 54, "00000fff", 8);
}

static void for_xen_pv(void)
{
    profile()->flags |= VMI64_XEN_PV;
    vmi64_in_module();
}

static void elsewhere(void)
{
    profile()->cpu_offset += 64;
    vmi64_in_module();
}

static void other_segment(void)
{
    profile()->cpu_segment = 'f';
    vmi64_in_module();
}

static void said_no(void)
{
    vmi64.refuse = true;
    vmi64_in_module();
}

static void hidden_by_tdx(void)
{
    fake_leaf_at(0)->eax = CPUID_TDX;
    fake_subleaf(CPUID_TDX, 0, 0, CPUID_TDX_EBX, CPUID_TDX_ECX, CPUID_TDX_EDX);
    vmi64_in_module();
}

static void sev(uint64_t status)
{
    fake_leaf(CPUID_EXTENDED, CPUID_ENCRYPTION, 0, 0, 0);
    fake_leaf(CPUID_ENCRYPTION, CPUID_ENCRYPTION_EAX_SEV, 0, 0, 0);
    fake_msr(MSR_SEV_STATUS, status);
    vmi64_in_module();
}

static void hidden_by_sev(void)
{
    sev(SEV_STATUS_ENABLED);
}

static void other_backend(void)
{
    pc.setup.backend = "native";
    vmi64_in_module();
}

static void bad_table(void)
{
    vmi64_in_acpi();
    vmi64.acpi.bytes[vmi64.acpi.used - 0x400]++;
}

static void other_hash(void)
{
    vmi64_in_region(REGION);
    vmi64.region[0x300]++;
    vmi64.region[0x301]--;
}

static void other_length(void)
{
    vmi64.rom.length += 0x1000;
    vmi64_in_region(REGION);
}

static void no_map(void)
{
    vmi64_in_region(REGION);
    vmi64.region_paddr = 0;
}

static void around_the_end(void)
{
    vmi64_in_region(UINT64_MAX - 0xfff);
}

static void init_fails(void)
{
    vmi64.init_result = VMI64_E_DOES_NOT_FIT;
    vmi64_in_module();
}

static void init_nonsense(void)
{
    vmi64.init_result = UINT32_MAX;
    vmi64_in_module();
}

static void setup_fails(void)
{
    vmi64.setup_result = VMI64_E_UNSUPPORTED;
    vmi64_in_module();
}

static void no_root(void)
{
    vmi64.root_pages = 0;
    vmi64_in_module();
}

static void null_selector(void)
{
    vmi64.kernel_cs = 0;
    vmi64_in_module();
}

static void unknown_type(void)
{
    vmi64.answers[70].type = 5;
    vmi64_in_module();
}

static void before_code(void)
{
    vmi64.answers[70].target = VMI64_CODE_AT - 1;
    vmi64_in_module();
}

static void behind_image(void)
{
    vmi64.answers[70].target = vmi64.rom.length;
    vmi64_in_module();
}

static void before_image(void)
{
    vmi64.answers[70].target = UINT64_MAX;
    vmi64_in_module();
}

/* INLINE, whose body ends where the image ends, and then beyond it. */
static void inline_at_end(unsigned length)
{
    vmi64.answers[30] = (struct vmi64_relocation){
        .target = vmi64.rom.length - 8,
        .type = VMI64_RELOCATION_INLINE,
        .skip = 4,
        .length = (uint8_t)length,
        .pad = 0x2e,
    };
}

static void body_behind(void)
{
    inline_at_end(5);
    vmi64_in_module();
}

static void long_body(void)
{
    inline_at_end(4);
    vmi64.answers[30].target -= 16;
    vmi64.answers[30].length = 7;
    vmi64_in_module();
}

static void lock_pad(void)
{
    inline_at_end(4);
    vmi64.answers[30].pad = 0xf0;
    vmi64_in_module();
}

static void size_pad(void)
{
    inline_at_end(4);
    vmi64.answers[30].pad = 0x66;
    vmi64_in_module();
}

static void no_iret(void)
{
    vmi64.answers[33].type = VMI_RELOCATION_NOP;
    vmi64_in_module();
}

static void no_flags(void)
{
    vmi64.answers[31].type = VMI_RELOCATION_NOP;
    vmi64_in_module();
}

static void empty_iret(void)
{
    inline_at_end(0);
    vmi64.answers[33] = vmi64.answers[30];
    vmi64_answer(30);
    vmi64_in_module();
}

static void no_setup(void)
{
    vmi64.answers[VMI64_CALL_SETUP].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
}

static void no_teardown(void)
{
    vmi64.answers[VMI64_CALL_CPU_TEARDOWN].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
}

static void setup_jump(void)
{
    vmi64.answers[VMI64_CALL_SETUP].type = VMI_RELOCATION_JUMP_REL;
    vmi64_in_module();
}

static void setup_behind(void)
{
    vmi64.answers[VMI64_CALL_SETUP].target = vmi64.rom.length;
    vmi64_in_module();
}

static void half_of_time(void)
{
    vmi64.answers[151].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
}

static void timer_without_wall(void)
{
    vmi64.answers[70].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
}

static void wall_without_clock(void)
{
    for (unsigned call = 148; call <= 151; call++)
        vmi64.answers[call].type = VMI_RELOCATION_NONE;
    vmi64.answers[69].type = VMI_RELOCATION_NONE;
    vmi64_in_module();
}

static void spoil(void)
{
    vmi64.answers[70].type = 9;
}

static void spoilt_later(void)
{
    vmi64.later = spoil;
    vmi64_in_module();
}

static void lose_clock(void)
{
    for (unsigned call = 148; call <= 151; call++)
        vmi64.answers[call].type = VMI_RELOCATION_NONE;
    vmi64.answers[69].type = vmi64.answers[70].type = VMI_RELOCATION_NONE;
}

static void clock_lost_later(void)
{
    vmi64.later = lose_clock;
    vmi64_in_module();
}

static const struct fault {
    void (*make)(void);
    const char *line;
    bool asked; /* its owner saw it */
} faults[] = {
    { bad_sum, "vmi: ROM in the first module refused: the checksum is not 0",
      false },
    { other_major, " refused: its API's major version is another", false },
    { small_area, " refused: it and its state are longer than the area",
      false },
    { smaller_area, " refused: it and its state are longer than the area",
      false },
    { cut_member, " refused: the archive ends before it", false },
    { short_member, " refused: its length is 0, or more than is there", false },
    { for_xen_pv, " refused: it is for a Xen PV domain", false },
    { elsewhere, " refused: its area of each CPU is not where", false },
    { other_segment, " refused: its area of each CPU is not where", false },
    { said_no, " refused: the kernel says no", true },
    { hidden_by_tdx, " refused: this guest's memory is hidden", false },
    { hidden_by_sev, " refused: this guest's memory is hidden", false },
    { other_backend, " refused: another backend is asked for", false },
    { bad_table, "vmi: ROM in the ACPI table at 0x", false },
    { other_hash,
      "vmi: ROM where the ACPI table says at 0x7f000000 refused: its SHA-256 "
      "is "
      "not the one in the ACPI table",
      false },
    { other_length, " refused: its length is not the one in the ACPI table",
      false },
    { no_map, " refused: the kernel does not map it", false },
    { around_the_end, " refused: its length is not possible there", false },
    { init_fails, " refused: its Init returns 2\n", true },
    { init_nonsense, " refused: its Init returns 4294967295\n", true },
    { setup_fails, " refused: its Setup returns 3\n", true },
    { no_root, " refused: no root of page tables has so many pages: 0\n",
      true },
    { null_selector, " refused: a selector that it gives is null\n", true },
    { unknown_type, " refused: unknown type of relocation: call 70\n", true },
    { before_code, " refused: outside of it: call 70\n", true },
    { behind_image, " refused: outside of it: call 70\n", true },
    { before_image, " refused: outside of it: call 70\n", true },
    { body_behind, " refused: outside of it: call 30\n", true },
    { long_body, " refused: too long for a site: call 30\n", true },
    { lock_pad, " refused: padding that means something: call 30\n", true },
    { size_pad, " refused: padding that means something: call 30\n", true },
    { no_iret, " refused: no code for call 33\n", true },
    { no_flags, " refused: no code for call 31\n", true },
    { empty_iret, " refused: no code for call 33\n", true },
    { no_setup, " refused: nothing answers call 128\n", true },
    { no_teardown, " refused: nothing answers call 130\n", true },
    { setup_jump, " refused: not to be called: call 128\n", true },
    { setup_behind, " refused: outside of it: call 128\n", true },
    { half_of_time, " refused: of the calls of time some are missing\n", true },
    { timer_without_wall, " refused: of the calls of time some are missing\n",
      true },
    { wall_without_clock, " refused: of the calls of time some are missing\n",
      true },
    { spoilt_later, " refused: unknown type of relocation: call 70\n", true },
    { clock_lost_later, " refused: its clock or its timer came or went", true },
};

/*
 * Tried, each fails here: any check of fault_of(), ask_life(), fits(), copy(),
 * take(), is_time_whole() or same_owners() left out; pvi_vmi_drop() left out of
 * pvops_setup().
 */
PVTEST(every_fault, "native, and one line that says which rule was broken")
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const char *line;

        vmi64_reset();
        faults[i].make();
        EXPECT_EQ(PVOPS_OK, vmi64_setup());
        if (faults[i].asked != (vmi64.asked == 1))
            FAIL("asked %u times: %s", vmi64.asked, faults[i].line);
        vmi64_expect_native(faults[i].line);
        line = strstr(host.log, " refused: ");
        EXPECT(line && !strstr(line + 1, " refused: "));
    }
}

PVTEST(body_at_end, "a body may end where the image ends")
{
    vmi64_reset();
    inline_at_end(4);
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
}

PVTEST(spoilt_last, "answers that make no sense after the boot CPU: an error")
{
    vmi64_reset();
    vmi64.last = spoil;
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(1, vmi64.cpu_teardowns);
    EXPECT(host_logged(" refused: unknown type of relocation: call 70\n"));
}

static void other_root(void)
{
    vmi64.root_pages = 3;
}

/* Tried, fails: take_over() after CPUSetup too, which is not checked. */
PVTEST(root_changed_last, "the root's pages are settled by Setup, not later")
{
    vmi64_reset();
    vmi64.last = other_root;
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(1, pvops_mmu_root_pages());
}

PVTEST(cpu_fails, "what CPUSetup returns is what pvops_cpu_setup() returns")
{
    static const enum pvops_status status[] = {
        PVOPS_OK,        PVOPS_E_INVALID, PVOPS_E_REFUSED, PVOPS_E_UNSUPPORTED,
        PVOPS_E_REFUSED,
    };

    for (uint32_t result = 0; result < 5; result++) {
        vmi64_reset();
        vmi64.cpu_result = result;
        vmi64_in_module();
        EXPECT_EQ(PVOPS_OK, vmi64_setup());
        EXPECT_EQ(status[result], pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    }
}

PVTEST(confidential, "hidden memory: asked only if the kernel says so")
{
    vmi64_reset();
    hidden_by_tdx();
    vmi64.options.confidential = true;
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT(vmi64.shown.confidential);
    /* A CPU that could, in a machine that does not. */
    vmi64_reset();
    sev(0);
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    EXPECT(!vmi64.shown.confidential);
}

PVTEST(by_name, "backend vmi is asked for: there, or an error")
{
    vmi64_reset();
    pc.setup.backend = "vmi";
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    vmi64_expect_taken();
    vmi64_reset();
    pc.setup.backend = "vmi";
    bad_sum();
    EXPECT_EQ(PVOPS_E_INVALID, vmi64_setup());
    EXPECT(host_logged("refused: the checksum is not 0"));
    EXPECT(host_logged("pvops: backend vmi does not fit here"));
}
