/* SPDX-License-Identifier: MIT */
/*
 * The model's hypervisors: time pages, hypercalls, VMware's port.
 */
#include "cpu.h"

#include "cpu_private.h"
#include "pvtest.h"
#include "tlb.h"

#include "abi/cpuid.h"
#include "abi/kvm.h"
#include "abi/vmware.h"
#include "abi/xen_time.h"

/*
 * The host writes the page: a time of its own, counted from 5 s, and the
 * factors of the frequency that it believes in.
 */
static void fill_pvclock(volatile struct pvclock_vcpu_time_info *page)
{
    double hz = (double)fake.pvclock_hz;
    int8_t shift = 0;

    if (!fake.pvclock_hz)
        return;
    for (; hz > 2e9; hz /= 2)
        shift--;
    for (; hz <= 1e9; hz *= 2)
        shift++;
    page->version++;
    page->tsc_timestamp = fake_tsc();
    page->system_time = UINT64_C(5000000000) + fake_ns();
    page->tsc_to_system_mul = (uint32_t)(1e9 * 4294967296.0 / hz);
    page->tsc_shift = shift;
    page->flags = fake.pvclock_flags;
    page->version++;
}

void fake_pvclock_update(void)
{
    if (!fake.pvclock)
        FAIL("no time page is registered");
    fill_pvclock(fake.pvclock);
}

static void kvm_time_written(uint64_t value)
{
    fake.pvclock = NULL;
    if (!(value & KVM_MSR_ENABLED))
        return;
    fake.pvclock = fake_page_at(value & ~(uint64_t)KVM_MSR_ENABLED);
    fill_pvclock(fake.pvclock);
}

void fake_kvm_clock(uint32_t msr)
{
    fake_add_msr(msr)->write = kvm_time_written;
    if (!fake.pvclock_hz)
        fake.pvclock_hz = (uint64_t)fake.tsc_hz;
}

static uint64_t counter_100ns(void)
{
    return fake.now_ps / 100000 + 777;
}

void fake_hyperv_counter(void)
{
    fake_add_msr(HV_X64_MSR_TIME_REF_COUNT)->read = counter_100ns;
}

static void hyperv_page_written(uint64_t value)
{
    fake.hv_page = NULL;
    if (!(value & HV_REFERENCE_TSC_ENABLE))
        return;
    fake.hv_page = fake_page_at(value & ~(uint64_t)0xfff);
    fake.hv_page->tsc_sequence = fake.hv_sequence;
    /* 2^64 / (ticks in 100 ns) */
    fake.hv_page->tsc_scale =
        (uint64_t)(18446744073709551616.0L * 1e7L / (long double)fake.tsc_hz);
    fake.hv_page->tsc_offset = 777 - (int64_t)((long double)fake.tsc_at_0 *
                                               1e7L / (long double)fake.tsc_hz);
}

void fake_hyperv_page(void)
{
    fake_add_msr(HV_X64_MSR_REFERENCE_TSC)->write = hyperv_page_written;
    fake.hv_sequence = 1;
}

long fake_xen_time_area(unsigned long op, unsigned long id,
                        const struct vcpu_register_time_memory_area *area)
{
    bool by_paddr = op == VCPUOP_register_vcpu_time_phys_area;
    long result = by_paddr ? fake.xen_phys_area : fake.xen_memory_area;

    fake_spend(fake.exit_ps);
    fake.xen_calls++;
    if (id != fake.xen_vcpu_id)
        FAIL("this is VCPU %u, not %lu", fake.xen_vcpu_id, id);
    if (result)
        return result;
    fake.pvclock = NULL;
    if (area->addr == (by_paddr ? UINT64_MAX : 0))
        return 0;
    fake.pvclock =
        by_paddr ? fake_page_at(area->addr) : (void *)(uintptr_t)area->addr;
    fill_pvclock(fake.pvclock);
    return 0;
}

/* It is the running CPU's from then on, or nobody's. */
static uint32_t vmware_steal_clock(const struct x86_vmware *r)
{
    uint64_t paddr = (uint64_t)r->esi << 32 | r->edi;

    if (!fake.vmware_steals)
        return UINT32_MAX;
    if (paddr == VMWARE_STEALCLOCK_DISABLE) {
        fake.vmware_steal[fake_tlb.cpu] = NULL;
        return VMWARE_STEALCLOCK_DISABLED;
    }
    if (paddr % sizeof(struct vmware_steal_time) != 0 || !paddr)
        FAIL("a steal clock at 0x%llx", (unsigned long long)paddr);
    fake.vmware_steal[fake_tlb.cpu] =
        (struct vmware_steal_time *)(uintptr_t)paddr;
    if (fake.vmware_steal_was)
        fake.vmware_steal[fake_tlb.cpu]->clock_low = fake.vmware_steal_was;
    return VMWARE_STEALCLOCK_ENABLED;
}

static void vmware_call(struct x86_vmware *r)
{
    if (r->eax != VMWARE_HYPERVISOR_MAGIC)
        FAIL("VMware's call with 0x%x", r->eax);
    fake.vmware_calls++;
    switch (r->ecx) {
    case VMWARE_CMD_GETVERSION:
        if (fake.vmware_mute)
            return;
        r->eax = 6;
        r->ebx = VMWARE_HYPERVISOR_MAGIC;
        return;
    case VMWARE_CMD_GETHZ:
        if (!fake.vmware_tsc_hz)
            return;
        r->eax = (uint32_t)fake.vmware_tsc_hz;
        r->ebx = (uint32_t)(fake.vmware_tsc_hz >> 32);
        r->ecx = (uint32_t)fake.vmware_apic_hz;
        return;
    case VMWARE_CMD_GETTIME:
        r->eax = UINT32_MAX;
        if (fake.vmware_wall_us) {
            r->eax = (uint32_t)(fake.vmware_wall_us / 1000000);
            r->ebx = (uint32_t)(fake.vmware_wall_us % 1000000);
            r->ecx = 0; /* the lag that the host allows */
        }
        return;
    case VMWARE_CMD_GETVCPU_INFO:
        if (fake.vmware_vcpu_info)
            r->eax = fake.vmware_vcpu_info;
        return;
    case VMWARE_CMD_STEALCLOCK:
        r->eax = vmware_steal_clock(r);
        return;
    }
    FAIL("VMware's call %u is not in the model", r->ecx);
}

void x86_inl_vmware(struct x86_vmware *r)
{
    fake_spend(fake.exit_ps);
    if (r->edx != VMWARE_HYPERVISOR_PORT)
        FAIL("VMware's port is not 0x%x", r->edx);
    if (fake.vmware != VMWARE_PORT) {
        r->eax = UINT32_MAX;
        return;
    }
    vmware_call(r);
}

void x86_vmcall_vmware(struct x86_vmware *r)
{
    fake_spend(fake.exit_ps);
    if (fake.vmware != VMWARE_VMCALL)
        FAIL("VMCALL where it was not offered: #UD");
    vmware_call(r);
}

void x86_vmmcall_vmware(struct x86_vmware *r)
{
    fake_spend(fake.exit_ps);
    if (fake.vmware != VMWARE_VMMCALL)
        FAIL("VMMCALL where it was not offered: #UD");
    vmware_call(r);
}
