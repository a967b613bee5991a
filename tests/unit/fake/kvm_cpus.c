/* SPDX-License-Identifier: MIT */
/*
 * What the model's KVM does for one CPU to another. A hypercall whose bit is
 * not shown fails the test, as does one that makes no sense, or is by the other
 * maker's instruction.
 */
#include "kvm.h"

#include <x86/kvm_call.h>

#include "cpu_private.h"
#include "fake_cpus.h"
#include "pvtest.h"

#include "abi/cpuid.h"

enum { ENOSYS = 1000, WIDTH = 8 * sizeof(long) };

static bool shows(uint32_t feature)
{
    return (fake_kvm.features & feature) != 0;
}

static void must_show(uint32_t feature, unsigned long number)
{
    if (!shows(feature))
        FAIL("hypercall %lu, whose bit is not shown", number);
}

static unsigned cpu_of(unsigned long apic_id, const char *what)
{
    unsigned cpu = fake_cpus_by_id((uint32_t)apic_id);

    if (cpu >= fake_cpus.count)
        FAIL("%s of APIC id %lu, which no CPU has", what, apic_id);
    return cpu;
}

static long send_ipi(const unsigned long bits[2], unsigned long lowest,
                     unsigned long icr)
{
    long count = 0;

    if (icr & ~0xfful)
        FAIL("an IPI with ICR 0x%lx", icr);
    if (!(bits[0] & 1))
        FAIL("a bitmap without the lowest APIC id");
    for (unsigned i = 0; i < 2 * WIDTH; i++) {
        if (!(bits[i / WIDTH] >> i % WIDTH & 1))
            continue;
        fake_cpus_interrupt(cpu_of(lowest + i, "an IPI"), (unsigned)icr);
        count++;
    }
    return count;
}

static long hypercall(bool amd, unsigned long number, const unsigned long a[4])
{
    uint32_t maker = fake_leaf_at(CPUID_BASIC)->ebx;

    if (amd != (maker == CPUID_0_EBX_AMD || maker == CPUID_0_EBX_HYGON))
        FAIL("the other maker's hypercall instruction: #UD");
    fake_spend(fake.exit_ps);
    fake_kvm.calls++;
    switch (number) {
    case KVM_HC_SEND_IPI:
        must_show(KVM_FEATURE_PV_SEND_IPI, number);
        fake_kvm.ipi_calls++;
        return fake_kvm.refuses_ipis ? -ENOSYS : send_ipi(a, a[2], a[3]);
    case KVM_HC_KICK_CPU:
        must_show(KVM_FEATURE_PV_UNHALT, number);
        if (a[0])
            FAIL("a kick with flags 0x%lx", a[0]);
        fake_kvm.kicks[cpu_of(a[1], "a kick")]++;
        return 0;
    case KVM_HC_SCHED_YIELD:
        must_show(KVM_FEATURE_PV_SCHED_YIELD, number);
        fake_kvm.yields[cpu_of(a[0], "a yield")]++;
        return 0;
    default:
        FAIL("KVM's hypercall %lu", number);
    }
}

long x86_kvm_vmcall(unsigned long number, unsigned long a0, unsigned long a1,
                    unsigned long a2, unsigned long a3)
{
    const unsigned long a[4] = { a0, a1, a2, a3 };

    return hypercall(false, number, a);
}

long x86_kvm_vmmcall(unsigned long number, unsigned long a0, unsigned long a1,
                     unsigned long a2, unsigned long a3)
{
    const unsigned long a[4] = { a0, a1, a2, a3 };

    return hypercall(true, number, a);
}

void fake_kvm_preempt(unsigned cpu)
{
    fake_cpus.cpus[cpu].absent = true;
    if (fake_kvm.steals[cpu])
        fake_kvm.steals[cpu]->preempted = KVM_VCPU_PREEMPTED;
}

void fake_kvm_resume(unsigned cpu)
{
    struct kvm_steal_time *steal = fake_kvm.steals[cpu];
    unsigned now = fake_tlb.cpu;

    fake_cpus.cpus[cpu].absent = false;
    if (!steal)
        return;
    if ((steal->preempted & KVM_VCPU_FLUSH_TLB) &&
        shows(KVM_FEATURE_PV_TLB_FLUSH)) {
        fake_tlb.cpu = cpu;
        fake_tlb_invpcid(INVPCID_ALL, 0, 0);
        fake_tlb.cpu = now;
    }
    steal->preempted = 0;
}
