/* SPDX-License-Identifier: MIT */
/*
 * The backend of vmi64-vmware-clock.rom, which is in no kernel: VMware's time
 * of day, and CMOS's where VMware does not tell it.
 *
 * Tried: EBX not looked at, NS_PER_US 1, EDX not set, the port always: each
 *        fails.
 */
#include "pvtest.h"

#include "cpu.h"
#include "host.h"
#include "pc.h"

#include "abi/vmware.h"

/* As the ROM has it, against the model's CPU. */
extern const struct pvi_backend pvi_backend_vmware_clock;
#include "../../../rom/x86_64/vmi64-vmware-clock.c"

#define WALL_US UINT64_C(4102444800000042) /* in 2100: beyond 31 bits */

static void vmware_machine(uint32_t max_leaf)
{
    pc_reset();
    fake_hypervisor(0x40000000, max_leaf, VMWARE_CPUID_SIGNATURE);
    fake.vmware = VMWARE_PORT;
    fake.vmware_tsc_hz = (uint64_t)fake.tsc_hz;
    fake.vmware_apic_hz = fake.apic_hz;
    fake.vmware_wall_us = WALL_US;
    if (max_leaf == 0x40000010) {
        fake.vmware = VMWARE_VMCALL;
        fake_leaf(0x40000010, (uint32_t)(fake.vmware_tsc_hz / 1000),
                  (uint32_t)(fake.vmware_apic_hz / 1000),
                  CPUID_VMWARE_FEATURES_ECX_VMCALL, 0);
    }
}

static void setup_rom(void)
{
    pc_setup();
    EXPECT(pvi_backend_vmware_clock.detect(&pc.info));
    EXPECT_EQ(PVOPS_OK, pvi_backend_vmware_clock.setup(&pc.setup));
}

PVTEST(told, "by the port, and by VMCALL where that is offered")
{
    vmware_machine(0x40000000);
    setup_rom();
    EXPECT_EQ(WALL_US * 1000, pvops_time_wall_ns());
    EXPECT(!host_logged("GETTIME"));

    vmware_machine(0x40000010);
    setup_rom();
    EXPECT_EQ(WALL_US * 1000, pvops_time_wall_ns());
}

PVTEST(not_told, "QEMU's port does not know the call: CMOS, from the start on")
{
    uint64_t cmos_ns;

    vmware_machine(0x40000000);
    fake.vmware_wall_us = 0;
    pc_setup();
    cmos_ns = pvops_time_wall_ns();
    EXPECT_EQ(PVOPS_OK, pvi_backend_vmware_clock.setup(&pc.setup));
    EXPECT_EQ(cmos_ns, pvops_time_wall_ns());
    EXPECT(host_logged("vmware-clock: no GETTIME: wall clock by CMOS\n"));
}

PVTEST(no_longer_told, "nor later: CMOS for that once")
{
    uint64_t cmos_ns;

    vmware_machine(0x40000000);
    pc_setup();
    cmos_ns = pvops_time_wall_ns();
    EXPECT_EQ(PVOPS_OK, pvi_backend_vmware_clock.setup(&pc.setup));
    fake.vmware_wall_us = 0;
    EXPECT_EQ(cmos_ns, pvops_time_wall_ns());
    fake.vmware_wall_us = WALL_US;
    EXPECT_EQ(WALL_US * 1000, pvops_time_wall_ns());
}

PVTEST(others, "without VMware's signature the ROM does not fit")
{
    vmware_machine(0x40000000);
    fake_leaf_at(0x40000000)->ebx = 0;
    pc.probe.tsc_hz = (uint64_t)fake.tsc_hz;
    pc_setup();
    EXPECT(!pvi_backend_vmware_clock.detect(&pc.info));
}
