/* SPDX-License-Identifier: MIT */
/*
 * The backend vmware: its frequencies make the TSC a clock for all CPUs, its
 * steal clock tells of each CPU apart, and what is missing is said.
 *
 * Tried: detect() always true: others fails. '>= leaf' as '>': with_leaf. ESI
 *        and EDI exchanged, ticks taken for nanoseconds, no call at teardown:
 *        steal. No clock at set-up: steal_at_setup. Bit 31 or the magic not
 *        looked at: legacy_x2apic. GETVERSION's answer not: mute. Taken back
 *        what was not granted, or asked for without a frequency: no_steal.
 */
#include "pvtest.h"

#include "apic_timer.h"
#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "tlb.h"

#include <x86/percpu.h>

#include "abi/vmware.h"

enum { MS = 1000000 };

static void vmware_machine(uint32_t max_leaf)
{
    pc_reset();
    pc.probe.tsc_hz = 0;
    pc.probe.apic_hz = 0;
    fake_hypervisor(0x40000000, max_leaf, VMWARE_CPUID_SIGNATURE);
    fake.vmware = VMWARE_PORT;
    fake.vmware_tsc_hz = (uint64_t)fake.tsc_hz;
    fake.vmware_apic_hz = fake.apic_hz;
}

static void expect_deadline(void)
{
    pvops_time_set_deadline(pvops_time_now_ns() + MS);
    EXPECT_EQ(PC_DEADLINE, fake_wait(2 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
}

PVTEST(by_port, "as QEMU has it: the port, and no leaf of timing")
{
    vmware_machine(0x40000000);
    pc_start();
    EXPECT_STR("vmware", pvops_backend_name());
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT_EQ(0, pvops_time_stolen_ns());
    EXPECT(host_logged("vmware: no leaf 0x40000010: calls by port 0x5658\n"));
    EXPECT(host_logged("vmware: no STEALCLOCK: stolen time is 0\n"));
    EXPECT(!host_logged("GETHZ"));
    expect_deadline();
}

PVTEST(with_leaf, "as the product has it: VMCALL, and nothing is missing")
{
    vmware_machine(0x40000010);
    fake.vmware = VMWARE_VMCALL;
    fake.vmware_vcpu_info = VMWARE_VCPU_INFO_LEGACY_X2APIC;
    fake.vmware_steals = true;
    fake_leaf(0x40000010, (uint32_t)(fake.vmware_tsc_hz / 1000),
              (uint32_t)(fake.vmware_apic_hz / 1000),
              CPUID_VMWARE_FEATURES_ECX_VMCALL, 0);
    pc_start();
    EXPECT_STR("vmware", pvops_backend_name());
    EXPECT(!host_logged("vmware: no "));
    /* What Linux calls the clock offset: it begins at set-up. */
    EXPECT(pvops_time_now_ns() < 100 * MS);
    expect_deadline();
}

PVTEST(no_gethz, "a signature that answers no call: said so, measured or told")
{
    vmware_machine(0x40000000);
    fake.vmware_tsc_hz = 0;
    pc.probe.tsc_hz = (uint64_t)fake.tsc_hz;
    pc_start();
    EXPECT_STR("vmware", pvops_backend_name());
    EXPECT(host_logged("vmware: no GETHZ: TSC frequency by measuring, or the "
                       "caller\n"));
    expect_deadline();

    vmware_machine(0x40000010);
    fake.vmware_tsc_hz = 0;
    fake_leaf(0x40000010, (uint32_t)(fake.tsc_hz / 1000), 0, 0, 0);
    pc_start();
    EXPECT(host_logged("vmware: no GETHZ: TSC frequency by the timing leaf\n"));
    expect_deadline();
}

PVTEST(others, "QEMU's port answers on any PC: without the signature, native")
{
    vmware_machine(0x40000000);
    fake_leaf_at(0x40000000)->ebx = 0;
    pc.probe.tsc_hz = (uint64_t)fake.tsc_hz;
    pc_start();
    EXPECT_STR("native", pvops_backend_name());
}

/* By each of the three ways. */
static void product(unsigned how)
{
    static const uint32_t bits[] = { 0, CPUID_VMWARE_FEATURES_ECX_VMCALL,
                                     CPUID_VMWARE_FEATURES_ECX_VMMCALL };
    static const int ways[] = { VMWARE_PORT, VMWARE_VMCALL, VMWARE_VMMCALL };

    vmware_machine(0x40000010);
    fake.vmware = ways[how];
    fake.vmware_steals = true;
    fake_leaf(0x40000010, (uint32_t)(fake.vmware_tsc_hz / 1000),
              (uint32_t)(fake.vmware_apic_hz / 1000), bits[how], 0);
}

static void steal_ns(unsigned cpu, uint64_t ns)
{
    uint64_t ticks = ns / 1000 * (fake.vmware_tsc_hz / 1000000);

    fake.vmware_steal[cpu]->clock_low = (uint32_t)ticks;
    fake.vmware_steal[cpu]->clock_high = (uint32_t)(ticks >> 32);
}

PVTEST(steal, "each CPU's own, in nanoseconds, from its set-up to its teardown")
{
    static struct pvops_cpu second;
    struct pvops_cpu_options options;

    for (unsigned how = 0; how < 3; how++) {
        product(how);
        pc_start();
        EXPECT_EQ(0, pvops_time_stolen_ns());
        EXPECT(fake.vmware_steal[0] == (void *)pc.cpu.private_);
        steal_ns(0, UINT64_C(5000) * MS);
        EXPECT_EQ(UINT64_C(5000) * MS, pvops_time_stolen_ns());

        memset(&second, 0, sizeof(second));
        options = pc.cpu_options;
        options.index = 1;
        pvi.stage = PVI_STAGE_SEALED;
        fake_percpu = &second;
        fake_tlb.cpu = 1;
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&second, &options));
        steal_ns(1, MS);
        EXPECT_EQ(MS, pvops_time_stolen_ns());
        pvops_cpu_teardown(&second);
        EXPECT(!fake.vmware_steal[1]);
        EXPECT_EQ(0, pvops_time_stolen_ns());
        /* In a new life it counts from there. */
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&second, &options));
        EXPECT_EQ(0, pvops_time_stolen_ns());
        pvops_cpu_teardown(&second);

        fake_percpu = &pc.cpu;
        fake_tlb.cpu = 0;
        EXPECT_EQ(UINT64_C(5000) * MS, pvops_time_stolen_ns());
        EXPECT(!pvops_smp_is_preempted(0));
        pvops_cpu_teardown(&pc.cpu);
        EXPECT(!fake.vmware_steal[0]);
    }
}

/* The hypervisor counts on at a clock that is already there. */
PVTEST(steal_at_setup, "what was stolen before set-up does not count")
{
    product(1);
    fake.vmware_steal_was = 1000000;
    pc_start();
    EXPECT_EQ(0, pvops_time_stolen_ns());
}

PVTEST(no_steal, "refused, or without the TSC's frequency: 0, and said so")
{
    product(1);
    fake.vmware_steals = false;
    pc_start();
    EXPECT(host_logged("vmware: no STEALCLOCK: stolen time is 0\n"));
    EXPECT_EQ(0, pvops_time_stolen_ns());
    fake.vmware_calls = 0;
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0, fake.vmware_calls); /* one that it has is another's */

    product(1);
    fake.vmware_tsc_hz = 0;
    fake_leaf(0x40000010, 0, 0, CPUID_VMWARE_FEATURES_ECX_VMCALL, 0);
    pc.cpu_options.own_timer = true;
    pc_start();
    EXPECT(host_logged("vmware: no STEALCLOCK: stolen time is 0\n"));
    EXPECT(!fake.vmware_steal[0]);
}

PVTEST(legacy_x2apic, "without remapping of interrupts: only if it is said")
{
    static const struct {
        uint32_t info;
        bool ok;
    } rows[] = {
        { 0, false }, /* EAX as it was: the magic, of which bit 3 is set */
        { VMWARE_VCPU_INFO_LEGACY_X2APIC, true },
        { VMWARE_VCPU_INFO_LEGACY_X2APIC | VMWARE_VCPU_INFO_RESERVED, false },
        { UINT32_MAX, false },
        { 1, false },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        product(1);
        fake.vmware_vcpu_info = rows[i].info;
        pc_start();
        EXPECT_EQ(!rows[i].ok,
                  host_logged("vmware: no LEGACY_X2APIC: x2APIC only with "
                              "interrupt remapping\n"));
    }
}

PVTEST(mute, "a signature that does not answer GETVERSION is asked no more")
{
    product(1);
    fake.vmware_mute = true;
    fake.vmware_vcpu_info = VMWARE_VCPU_INFO_LEGACY_X2APIC;
    pc_start();
    EXPECT(host_logged("vmware: no GETVERSION: no calls\n"));
    EXPECT(host_logged("vmware: no LEGACY_X2APIC: "));
    /* GETHZ, by the probe, and this one. */
    EXPECT_EQ(2, fake.vmware_calls);
    EXPECT_EQ(0, pvops_time_stolen_ns());
}
