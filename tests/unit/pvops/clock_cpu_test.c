/* SPDX-License-Identifier: MIT */
/*
 * The probe and the processor's own CPUID: CPUs that lack it, or the TSC;
 * leaves 0x15, 0x16 and 0x80000007.
 *
 * Tried:  "info->hypervisor" left out of told_by_cpu(); "leaf <= max" left out
 *         of leaf_below(); pvops_probe() without its test for the TSC: each
 *         fails here.
 */
#include "pvtest.h"

#include "clock_machines.h"

PVTEST(no_cpuid, "a 486: nothing is known, and nothing faults")
{
    fake_reset();
    fake.no_cpuid = true;
    machine_options = (struct pvops_probe_options){ .entry = 0 };
    probe();
    EXPECT_EQ(PVOPS_HYPERVISOR_NONE, info.hypervisor);
    EXPECT_TSC(PVOPS_HZ_NONE, 0);
    EXPECT_APIC(PVOPS_HZ_NONE, 0);
}

PVTEST(no_tsc, "CPUID without TSC, MSR, APIC, SSE2")
{
    fake_reset();
    fake_leaf(1, 0x400, 0, 0, 0);
    fake.pit.present = fake.pit.port_61 = true;
    machine_options = (struct pvops_probe_options){ .lapic = fake.lapic };
    probe();
    EXPECT_TSC(PVOPS_HZ_NONE, 0);
    EXPECT_APIC(PVOPS_HZ_NONE, 0);
}

PVTEST(cpuid_15_and_16, "natively: the crystal's, and the APIC timer's")
{
    machine_native();
    fake_leaf_at(0)->eax = 0x16;
    fake_leaf(0x15, 2, 216, 24000000, 0);
    fake_leaf(0x16, 2600, 3500, 100, 0);
    probe();
    EXPECT_TSC(PVOPS_HZ_CPUID_15, 2592000000);
    EXPECT_APIC(PVOPS_HZ_CPUID_15, 24000000);
    EXPECT_EQ(3086, info.tsc[PVOPS_HZ_CPUID_16].ppm);

    /* Without the crystal's frequency; 0x16 is too coarse if one can measure */
    fake_leaf(0x15, 2, 216, 0, 0);
    probe();
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);

    machine_options.no_pit = true;
    probe();
    EXPECT_TSC(PVOPS_HZ_CPUID_16, 2600000000);
    EXPECT_EQ(PVOPS_HZ_FORBIDDEN, info.tsc[PVOPS_HZ_PIT].why);
}

PVTEST(cpuid_15_beyond_the_maximum, "TCG answers 7, 0x240, 0x340")
{
    machine_native();
    probe();
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    EXPECT_EQ(PVOPS_HZ_ABSENT, info.tsc[PVOPS_HZ_CPUID_15].why);
}

PVTEST(cpuid_15_under_a_hypervisor, "the host's: never believed")
{
    machine_kvm();
    fake_leaf_at(0)->eax = 0x16;
    fake_leaf(0x15, 2, 604, 24000000, 0);
    fake_leaf(0x16, 7200, 0, 0, 0);
    probe();
    EXPECT_EQ(PVOPS_HZ_PVCLOCK, info.tsc_source);
    EXPECT_EQ(PVOPS_HZ_HYPERVISOR, info.tsc[PVOPS_HZ_CPUID_15].why);
    EXPECT_EQ(PVOPS_HZ_HYPERVISOR, info.apic[PVOPS_HZ_CPUID_15].why);
    EXPECT_EQ(PVOPS_HZ_HYPERVISOR, info.tsc[PVOPS_HZ_CPUID_16].why);
}

PVTEST(invariant_tsc, "by CPUID, if the extended leaf is below its maximum")
{
    machine_native();
    fake_leaf(0x80000007, 0, 0, 0, 0x100);
    probe();
    EXPECT(info.tsc_invariant);
    fake_leaf_at(0x80000000)->eax = 0x80000006;
    probe();
    EXPECT(!info.tsc_invariant);
    fake_leaf_at(0x80000000)->eax = 0x16; /* a basic leaf's answer */
    probe();
    EXPECT(!info.tsc_invariant);
}
