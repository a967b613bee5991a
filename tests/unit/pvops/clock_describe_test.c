/* SPDX-License-Identifier: MIT */
/*
 * pvops_describe(): what it says, and that no line is longer than promised.
 *
 * Tried:  the limit in add() one too high; an entry of a list of names left out
 *         or exchanged; "Hz, -" for a positive deviation: each fails here.
 */
#include "pvtest.h"

#include "clock_machines.h"

enum { LINES = 64 };

static char lines[LINES][128];
static unsigned line_count;

static void keep(void *context, const char *line)
{
    EXPECT(context == lines);
    EXPECT(line_count < LINES);
    EXPECT(strlen(line) <= 100);
    for (const char *at = line; *at; at++)
        EXPECT(*at >= ' ' && *at <= '~');
    strcpy(lines[line_count++], line);
}

static void describe(void)
{
    line_count = 0;
    pvops_describe(&info, keep, lines);
}

/* A line that is exactly this. */
static void says(const char *line)
{
    for (unsigned i = 0; i < line_count; i++) {
        if (!strcmp(lines[i], line))
            return;
    }
    FAIL("no line says \"%s\"; the first three: \"%s\" \"%s\" \"%s\"", line,
         lines[0], lines[1], lines[2]);
}

PVTEST(two_signatures, "both, with their leaves")
{
    machine_kvm_with_hyperv();
    probe();
    describe();
    EXPECT_STR("hypervisor: KVM, KVM 0x40000100, Hyper-V 0x40000000", lines[0]);
    EXPECT_STR("TSC: 2596104000 Hz by Hyper-V MSR, not invariant", lines[1]);
    EXPECT_STR("APIC timer: 1000000000 Hz by Hyper-V MSR", lines[2]);
    says("TSC by Hyper-V MSR: 2596104000 Hz, +0 ppm");
    EXPECT_EQ(6 + 1, line_count);
}

PVTEST(deviations, "with their sign")
{
    machine_vmware();
    fake_leaf_at(0x40000000)->eax = 0x40000010;
    fake_leaf(0x40000010, 2597000, 65000, 2, 0);
    fake.vmware = VMWARE_VMCALL;
    probe();
    describe();
    EXPECT_STR("TSC: 2596104000 Hz by VMware GETHZ, invariant", lines[1]);
    says("TSC by leaf 0x40000010: 2597000000 Hz, +345 ppm");
    says("APIC timer by leaf 0x40000010: 65000000 Hz, -15151 ppm");
}

PVTEST(reasons, "each source that has no value, in the words of why")
{
    machine_kvm();
    fake_leaf_at(0)->eax = 0x16;
    fake_leaf(0x15, 2, 604, 24000000, 0);
    fake_leaf(0x40000000, 0x40000010, 0x4b4d564b, 0x564b4d56, 0x4d);
    fake_leaf(0x40000010, 0, 0, 0, 0);
    machine_options.page = NULL;
    probe();
    describe();
    EXPECT_STR("TSC: 0 Hz by nothing, not invariant", lines[1]);
    says("TSC by leaf 0x40000010: nonsense");
    says("TSC by pvclock page: no page, address or port given");
    says("TSC by CPUID 0x15: not believed under a hypervisor");
    says("TSC by HPET: no page, address or port given");
    says("TSC by PIT: stands still");
    says("APIC timer by constant: 1000000000 Hz, +0 ppm");

    machine_options.no_pit = true;
    probe();
    describe();
    says("TSC by PIT: must not be touched");
}

PVTEST(every_name, "each source and each reason has its own text")
{
    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        memset(&info, 0, sizeof(info));
        info.tsc[i].hz = 1000000 + i;
        info.apic[i].why = PVOPS_HZ_IN_USE;
        describe();
        EXPECT_EQ(5, line_count);
        for (unsigned j = 0; j < i; j++) {
            char before[128];

            memset(&info, 0, sizeof(info));
            info.tsc[j].hz = 1000000 + i;
            strcpy(before, lines[3]);
            describe();
            EXPECT(strcmp(before, lines[3]));
            strcpy(lines[3], before);
        }
    }
    memset(&info, 0, sizeof(info));
    info.tsc[14].hz = 1;
    info.apic[14].why = PVOPS_HZ_IN_USE;
    describe();
    says("TSC by constant: 1 Hz, +0 ppm");
    says("APIC timer by constant: in use");
}

PVTEST(long_and_odd, "an unknown name of 12 letters, the largest numbers")
{
    memset(&info, 0xff, sizeof(info));
    info.hypervisor = PVOPS_HYPERVISOR_OTHER;
    info.tsc_source = PVOPS_HZ_HYPERV_COUNTER;
    info.apic_source = PVOPS_HZ_FIXED;
    info.tsc_invariant = false;
    memcpy(info.signature, "ABCDEFGHIJKL", 13);
    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++)
        info.tsc[i].ppm = info.apic[i].ppm = -1000000;
    describe();
    EXPECT_EQ(3 + 2 * PVOPS_HZ_SOURCES, line_count);
    EXPECT_EQ(100, strlen(lines[0]));
    says("TSC by Hyper-V counter: 18446744073709551615 Hz, -1000000 ppm");
}
