/* SPDX-License-Identifier: MIT */
/*
 * Sixteen reports of users, in the order of the table in docs/clock.md: the
 * machine that each was seen on, and what the clock tier answers there.
 *
 * Tried:  the hypervisor's word on CPUID 0x15 ignored; PIT asked before
 *         Hyper-V; told_by_vmware() left out; the page's factors kept from the
 *         start of the clock instead of read each time: each fails here.
 */
#include "pvtest.h"

#include "clock_machines.h"

#include "abi/kvm.h"

static struct pvops_clock clock;

static void start(enum pvops_clock_kind kind)
{
    probe();
    pvops_clock_start(&clock, &info, machine_options.page,
                      machine_options.page_paddr);
    EXPECT_EQ(kind, clock.kind);
}

/* One second of the model's. */
static void keeps_time(double ppm)
{
    uint64_t before = pvops_clock_now_ns(&clock);

    fake.now_ps += UINT64_C(1000000000000);
    EXPECT_NEAR(1e9, pvops_clock_now_ns(&clock) - before, ppm);
}

/* Firecracker and Cloud Hypervisor: KVM, no PIT, no HPET, no PM timer. */
static void machine_microvm(void)
{
    machine_kvm();
    fake.exit_ps = 2000000;
}

PVTEST(toaruos_296, "Hyper-V generation 1: the wait at port 0x61 never ends")
{
    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE);
    EXPECT_TSC(PVOPS_HZ_HYPERV_MSR, MACHINE_HZ);
    EXPECT(!fake.pit.control[0] && !fake.pit.control[2]); /* untouched */

    /* And where no MSR tells: channel 0 is read, no output is waited for. */
    machine_hyperv();
    fake_leaf(0x40000003, 0, 0, 0, 0);
    machine_options.page = NULL;
    start(PVOPS_CLOCK_TSC);
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    keeps_time(100);
}

PVTEST(serenity_13904, "Hyper-V: the APIC timer fires while it is calibrated")
{
    machine_hyperv();
    machine_options.lapic = fake.lapic;
    fake.apic_lvt = 0x30;
    fake.apic_initial = 1000;
    probe();
    EXPECT_APIC(PVOPS_HZ_HYPERV_MSR, 1000000000);
    EXPECT_EQ(0x30, fake.apic_lvt); /* nothing was written */
    EXPECT_EQ(1000, fake.apic_initial);
}

PVTEST(vinix_157, "Hyper-V: no HPET, and no other clock known")
{
    machine_hyperv();
    machine_options.hpet = NULL;
    start(PVOPS_CLOCK_HYPERV_PAGE);
    keeps_time(1);
}

PVTEST(smartos_976, "Hyper-V generation 2: no PIT to calibrate by")
{
    machine_hyperv();
    fake.pit.present = fake.pit.port_61 = false;
    start(PVOPS_CLOCK_HYPERV_PAGE);
    EXPECT_TSC(PVOPS_HZ_HYPERV_MSR, MACHINE_HZ);
    keeps_time(1);
}

PVTEST(omnios_459, "Hyper-V: hangs while it sets devices up")
{
    /* Nothing is set up for the clock: the model has no other MSR, and fails
     * at guest id, hypercall page and SynIC. */
    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE);
    pvops_clock_stop(&clock, &info);
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_REFERENCE_TSC) & 1);
}

PVTEST(asterinas_3613, "Firecracker, Cloud Hypervisor: no PIT, no 0x15")
{
    machine_microvm();
    start(PVOPS_CLOCK_PVCLOCK);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 0.002);

    machine_microvm();
    machine_options.page = NULL;
    fake_leaf(0x40000000, 0x40000010, 0x4b4d564b, 0x564b4d56, 0x4d);
    fake_leaf(0x40000010, 2596104, 1000000, 0, 0);
    start(PVOPS_CLOCK_TSC);
    EXPECT_TSC(PVOPS_HZ_LEAF_40000010, MACHINE_HZ);

    /* Neither page nor leaf: an answer, soon, that says what is missing. */
    fake_leaf_at(0x40000000)->eax = 0x40000001;
    fake.now_ps = 0;
    start(PVOPS_CLOCK_NONE);
    EXPECT_TSC(PVOPS_HZ_NONE, 0);
    EXPECT_EQ(PVOPS_HZ_NOT_GIVEN, info.tsc[PVOPS_HZ_PVCLOCK].why);
    EXPECT(fake_ns() < 20000000);
}

PVTEST(theseus_679, "KVM: the APIC timer calibrated wrongly, slices too short")
{
    machine_kvm();
    machine_options.lapic = fake.lapic;
    fake.exit_ps = 50000000; /* what spoils a short calibration */
    probe();
    EXPECT_APIC(PVOPS_HZ_FIXED, 1000000000);
}

PVTEST(nanos_734, "KVM's clock, Hyper-V's, and the HPET where both are missing")
{
    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK);
    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE);
    machine_native();
    machine_options.hpet = fake.hpet;
    start(PVOPS_CLOCK_TSC);
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
    keeps_time(20);
}

PVTEST(unikraft_1775, "Firecracker has no CMOS to read the time of day from")
{
    /* Time of day is another tier's. This one reads no CMOS: the model has no
     * port 0x70, and a reading of ones would be no time. */
    machine_microvm();
    start(PVOPS_CLOCK_PVCLOCK);
    keeps_time(1);
}

PVTEST(rumprun_31, "KVM: implement pvclock")
{
    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK);
    keeps_time(1);
    EXPECT(clock.global);
}

PVTEST(solo5_242, "drift on AMD and bhyve: pvclock, and the stable bit")
{
    /* AMD under KVM, a TSC that is not stable across CPUs. */
    machine_kvm();
    fake.pvclock_flags = 0;
    start(PVOPS_CLOCK_PVCLOCK);
    EXPECT(!clock.global);
    keeps_time(1);

    /* bhyve tells by the timing leaf; without it, the HPET. */
    machine_native();
    fake_hypervisor(0x40000000, 0x40000010, "bhyve bhyve ");
    fake_leaf(0x40000001, 0, 0, 0, 0);
    fake_leaf(0x40000010, 2596104, 134217, 0, 0);
    start(PVOPS_CLOCK_TSC);
    EXPECT_TSC(PVOPS_HZ_LEAF_40000010, MACHINE_HZ);
    fake_leaf_at(0x40000000)->eax = 0x40000000;
    machine_options.hpet = fake.hpet;
    start(PVOPS_CLOCK_TSC);
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
}

PVTEST(awkernel_346, "KVM without an HPET: pvclock")
{
    machine_kvm();
    fake.hpet_period_fs = 0;
    machine_options.hpet = fake.hpet;
    start(PVOPS_CLOCK_PVCLOCK);
    keeps_time(1);
}

PVTEST(uhyve_862, "the frequency was handed over once, and then changed")
{
    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK);
    keeps_time(1);
    /* The machine moves to a host with another TSC. */
    fake.tsc_hz = 3e9;
    fake.pvclock_hz = 3000000000;
    fake_pvclock_update();
    keeps_time(1);
}

PVTEST(libkrun_756, "a TSC 50 ppm off, for a week: 30 s, or nothing")
{
    const unsigned week_s = 7 * 24 * 3600;
    uint64_t begin_ns, ns;

    machine_kvm();
    fake.tsc_hz = (double)MACHINE_HZ * (1 + 50e-6);
    start(PVOPS_CLOCK_PVCLOCK);
    begin_ns = fake_ns();
    for (unsigned s = 0; s < week_s; s += 10) {
        fake.now_ps += UINT64_C(10000000000000);
        fake_pvclock_update();
    }
    ns = pvops_clock_now_ns(&clock);
    EXPECT(ns - (fake_ns() - begin_ns) + 1000 < 2000);

    /* The same week by the TSC alone: why the page is preferred. */
    machine_options.page = NULL;
    machine_options.tsc_hz = MACHINE_HZ;
    start(PVOPS_CLOCK_TSC);
    begin_ns = fake_ns();
    fake.now_ps += week_s * UINT64_C(1000000000000);
    ns = pvops_clock_now_ns(&clock);
    EXPECT(ns - (fake_ns() - begin_ns) > UINT64_C(30000000000));
}

PVTEST(bun_31295, "CPUID 0x15 is the host's: timers 2.8 times too fast")
{
    machine_kvm();
    fake_leaf_at(0)->eax = 0x16;
    fake_leaf(0x15, 1, 303, 24000000, 0); /* 7.272 GHz */
    start(PVOPS_CLOCK_PVCLOCK);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 0.002);
    EXPECT_EQ(PVOPS_HZ_HYPERVISOR, info.tsc[PVOPS_HZ_CPUID_15].why);
}

PVTEST(serenity_5563, "VMware: \"Frequency too slow\"")
{
    machine_vmware();
    start(PVOPS_CLOCK_TSC);
    EXPECT_TSC(PVOPS_HZ_VMWARE_CALL, MACHINE_HZ);
    EXPECT_APIC(PVOPS_HZ_VMWARE_CALL, 66000000);
    keeps_time(1);
}
