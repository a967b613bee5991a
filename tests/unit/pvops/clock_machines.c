/* SPDX-License-Identifier: MIT */
/*
 * Machines for tests of the clock tier.
 */
#include "clock_machines.h"

#include <string.h>

#include "abi/kvm.h"
#include "abi/xen_time.h"

struct pvops_probe_options machine_options;
uint8_t machine_page[4096] __attribute__((aligned(4096)));
struct pvops_info info;

static uint8_t shared_info[4096] __attribute__((aligned(4096)));

static void begin(const char *vendor)
{
    fake_reset();
    fake_vendor(vendor);
    fake.tsc_hz = (double)MACHINE_HZ;
    memset(machine_page, 0, sizeof(machine_page));
    fake_page(MACHINE_PADDR, machine_page);
    machine_options = (struct pvops_probe_options){
        .page = machine_page,
        .page_paddr = MACHINE_PADDR,
    };
}

void machine_native(void)
{
    begin("GenuineIntel");
    fake_leaf(1, 0x306c1, 0x800, 0x76d83203, 0x78bfbfd);
    fake_leaf(0x80000000, 0x80000008, 0, 0, 0);
    fake.beyond = (struct x86_cpuid){ 7, 0x240, 0x340, 0 };
    fake.pit.present = fake.pit.port_61 = true;
    fake.hpet_period_fs = 10000000;
    fake.pm_timer_port = 0x608;
    fake_apic(1000000000, false);
}

void machine_kvm(void)
{
    begin("AuthenticAMD");
    fake_leaf(1, 0x800f12, 0x800, 0xf7f83203, 0x78bfbfd);
    fake_leaf(0x80000000, 0x80000021, 0, 0, 0);
    fake_hypervisor(0x40000000, 0x40000001, "KVMKVMKVM");
    fake_leaf(0x40000001, 0x1007afb, 0, 0, 0);
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME_NEW);
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME);
    fake.pvclock_hz = MACHINE_HZ;
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    fake_apic(1000000000, false);
}

static void add_hyperv_msrs(void)
{
    fake_msr(HV_X64_MSR_TSC_FREQUENCY, MACHINE_HZ);
    fake_msr(HV_X64_MSR_APIC_FREQUENCY, 1000000000);
    fake_hyperv_counter();
    fake_hyperv_page();
}

void machine_hyperv(void)
{
    begin("AuthenticAMD");
    fake_leaf(1, 0x800f12, 0x800, 0xf7f83203, 0x78bfbfd);
    fake_leaf(0x80000000, 0x80000021, 0, 0, 0);
    fake_hypervisor(0x40000000, 0x40000005, "Microsoft Hv");
    fake_leaf(0x40000001, 0x31237648, 0, 0, 0);
    fake_leaf(0x40000002, 0x3839, 0xa0000, 0, 0);
    fake_leaf(0x40000003, 0xaff, 0x30, 0, 0x108);
    fake_leaf(0x40000004, 0xc2c, 0xffffffff, 0, 0);
    add_hyperv_msrs();
    fake_apic(1000000000, false);
    /* As the lab's generation 1: no HPET, nothing at port 0x61. */
    fake.pit.present = true;
    fake.pm_timer_port = 0x608;
}

void machine_kvm_with_hyperv(void)
{
    machine_hyperv();
    fake_hypervisor(0x40000100, 0x40000101, "KVMKVMKVM");
    fake_leaf(0x40000101, 0x1007afb, 0, 0, 0);
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME_NEW);
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME);
    fake.pvclock_hz = MACHINE_HZ;
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
}

void machine_vmware(void)
{
    begin("AuthenticAMD");
    fake_leaf(1, 0x800f12, 0x800, 0xf7f83203, 0x78bfbfd);
    fake_leaf(0x80000000, 0x80000021, 0, 0, 0);
    fake_hypervisor(0x40000000, 0x40000005, "VMwareVMware");
    fake_leaf(0x40000001, 0x31237648, 0, 0, 0);
    fake_leaf(0x40000003, 0x20, 0, 0, 8);
    fake.vmware = VMWARE_PORT;
    fake.vmware_tsc_hz = MACHINE_HZ;
    fake.vmware_apic_hz = 66000000;
    fake_apic(66000000, false);
    fake.pit.present = fake.pit.port_61 = true;
}

static void add_xen_leaves(uint32_t tsc_khz)
{
    fake_hypervisor(0x40000000, 0x40000005, "XenVMMXenVMM");
    fake_leaf(0x40000001, 0x40011, 0, 0, 0);
    fake_leaf(0x40000002, 1, 0x40000000, 0, 0);
    fake_leaf(0x40000003, 1, 0, tsc_khz, 1);
    fake_subleaf(0x40000003, 2, 2596104, 0, 0, 0);
    fake_leaf(0x40000004, 0, 0, 0, 0);
}

void machine_xen_hvm(void)
{
    begin("AuthenticAMD");
    fake_leaf(1, 0x800f12, 0x20800, 0xf6f83203, 0x178bfbfd);
    fake_leaf(0x80000000, 0x8000001e, 0, 0, 0);
    add_xen_leaves(2596104);
    /* VCPU id and domain id are there, and this is VCPU 3. */
    fake_leaf(0x40000004, 0x5c, 3, 1, 0);
    fake.xen_vcpu_id = 3;
    fake.xen_memory_area = 0;
    fake.pvclock_hz = MACHINE_HZ;
    fake_apic(100000000, false);
}

void machine_xen_pv(void)
{
    volatile struct pvclock_vcpu_time_info *time =
        (void *)(shared_info + XEN_SHARED_INFO_TIME);

    begin("GenuineIntel");
    fake_leaf(1, 0x306c1, 0x800, 0xfed83203, 0x789cbf5);
    fake_leaf(0x80000000, 0x80000008, 0, 0, 0);
    add_xen_leaves(2596104);
    fake.xen_pv = true;
    machine_options = (struct pvops_probe_options){
        .entry = PVOPS_ENTRY_XEN_PV,
        .xen_shared_info = shared_info,
    };
    *time = (struct pvclock_vcpu_time_info){
        .version = 12,
        .tsc_timestamp = fake_tsc(),
        .system_time = 7000000,
        .tsc_to_system_mul = 0xc537f643, /* 2596104000 Hz */
        .tsc_shift = -1,
    };
}

void machine_xen_pv_dom0(void)
{
    machine_xen_pv();
    fake_leaf(0x40000003, 4, 0, 0, 0);
}

void probe(void)
{
    pvops_probe(&machine_options, &info);
}
