/* SPDX-License-Identifier: MIT */
/*
 * The model's KVM. A physical address is the address itself.
 */
#include "kvm.h"

#include <string.h>

#include "apic_timer.h"
#include "cpu.h"
#include "cpu_private.h"
#include "pvtest.h"

#include "abi/cpuid.h"
#include "abi/kvm.h"

struct fake_kvm fake_kvm;

/* hypervisors.c counts KVM's system time from here. */
#define SYSTEM_TIME_AT_0_NS UINT64_C(5000000000)

static void *at(uint64_t value, uint64_t alignment)
{
    uint64_t paddr = value & ~(uint64_t)KVM_MSR_ENABLED;

    if (!(value & KVM_MSR_ENABLED))
        return NULL;
    if (paddr % alignment)
        FAIL("KVM was given 0x%llx: #GP, not aligned",
             (unsigned long long)paddr);
    return (void *)(uintptr_t)paddr;
}

void fake_kvm_steal(uint64_t steal_ns)
{
    fake_kvm.steal->version++;
    fake_kvm.steal->steal = steal_ns;
    fake_kvm.steal->version++;
}

static void steal_written(uint64_t value)
{
    fake_kvm.steal = at(value, 64);
    fake_kvm.steals[fake_cpus.now] = fake_kvm.steal;
    if (fake_kvm.steal)
        fake_kvm_steal(fake_kvm.steal_ns);
}

static void poll_written(uint64_t value)
{
    if (value & ~(uint64_t)KVM_POLL_ENABLED)
        FAIL("POLL_CONTROL of 0x%llx: #GP", (unsigned long long)value);
}

static void pv_eoi_written(uint64_t value)
{
    fake_kvm.pv_eoi = at(value, 4);
}

static void wall_written(uint64_t value)
{
    struct pvclock_wall_clock *wall = at(value | KVM_MSR_ENABLED, 4);
    uint64_t ns = fake_kvm.unix_ns - SYSTEM_TIME_AT_0_NS;

    if (fake_kvm.wall_refused)
        return;
    wall->version = (wall->version | 1) + 1;
    wall->sec = (uint32_t)(ns / 1000000000);
    wall->nsec = (uint32_t)(ns % 1000000000);
}

/* The interrupt that was delivered may end by a cleared bit. */
static void delivered(void)
{
    if (fake_kvm.pv_eoi && fake_kvm.skips_eoi)
        *fake_kvm.pv_eoi |= 1;
}

/* On its next exit the host looks whether the bit is still there. */
static void before(void)
{
    bool in_service = false;

    if (!fake_kvm.pv_eoi || !fake_kvm.skips_eoi)
        return;
    for (unsigned i = 0; i < 8; i++)
        in_service |= fake.apic_in_service[i] != 0;
    if (in_service && !(*fake_kvm.pv_eoi & 1)) {
        fake_apic_eoi();
        fake.apic_eois--;
        fake_kvm.pv_eois++;
    }
    *fake_kvm.pv_eoi &= ~1u;
}

void fake_kvm_reset(uint32_t base, uint32_t features)
{
    memset(&fake_kvm, 0, sizeof(fake_kvm));
    fake_kvm.features = features;
    fake_hypervisor(base, base + KVM_CPUID_FEATURES, KVM_CPUID_SIGNATURE);
    fake_leaf(base + KVM_CPUID_FEATURES, features, 0, 0, 0);
    if (features & KVM_FEATURE_CLOCKSOURCE) {
        fake_kvm_clock(MSR_KVM_SYSTEM_TIME);
        fake_add_msr(MSR_KVM_WALL_CLOCK)->write = wall_written;
    }
    if (features & KVM_FEATURE_CLOCKSOURCE2) {
        fake_kvm_clock(MSR_KVM_SYSTEM_TIME_NEW);
        fake_add_msr(MSR_KVM_WALL_CLOCK_NEW)->write = wall_written;
    }
    if (features & KVM_FEATURE_STEAL_TIME)
        fake_add_msr(MSR_KVM_STEAL_TIME)->write = steal_written;
    if (features & KVM_FEATURE_PV_EOI)
        fake_add_msr(MSR_KVM_PV_EOI_EN)->write = pv_eoi_written;
    if (features & KVM_FEATURE_POLL_CONTROL) {
        fake_msr(MSR_KVM_POLL_CONTROL, KVM_POLL_ENABLED);
        fake_add_msr(MSR_KVM_POLL_CONTROL)->write = poll_written;
    }
    fake_apic_timer.delivered = delivered;
    fake_apic_timer.before = before;
}
