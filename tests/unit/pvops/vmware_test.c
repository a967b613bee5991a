/* SPDX-License-Identifier: MIT */
/*
 * The backend vmware: its frequencies make the TSC a clock for all CPUs, and
 * what is missing is said.
 *
 * Tried: detect() always true: others fails. '< base + ...' as '<=':
 *        with_leaf fails.
 */
#include "pvtest.h"

#include "apic_timer.h"
#include "cpu.h"
#include "host.h"
#include "pc.h"

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
    EXPECT(!host_logged("GETHZ"));
    expect_deadline();
}

PVTEST(with_leaf, "as the product has it: VMCALL, and nothing is missing")
{
    vmware_machine(0x40000010);
    fake.vmware = VMWARE_VMCALL;
    fake_leaf(0x40000010, (uint32_t)(fake.vmware_tsc_hz / 1000),
              (uint32_t)(fake.vmware_apic_hz / 1000),
              CPUID_VMWARE_FEATURES_ECX_VMCALL, 0);
    pc_start();
    EXPECT_STR("vmware", pvops_backend_name());
    EXPECT(!host_logged("vmware: no "));
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
