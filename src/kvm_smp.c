/* SPDX-License-Identifier: MIT */
/*
 * What KVM does for one CPU to another: interrupts to many by one hypercall,
 * flushes of CPUs that do not run, a sleep that a kick ends, a yield to one
 * that should run.
 *
 * Each by its own bit. Where the host says that its CPUs are never preempted
 * (REALTIME), there is nothing to gain by the last three: a lock's release is
 * the one instruction then.
 */
#include "kvm_cpu.h"

#include "abi/cpuid.h"
#include <x86/insn.h>
#include <x86/kvm_call.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum { IPI_WINDOW = 2 * PVOPS_CPUS_BITS };

static bool by_vmmcall, flushes, yields;

static long call(unsigned long number, unsigned long a0, unsigned long a1,
                 unsigned long a2, unsigned long a3)
{
    return by_vmmcall ? x86_kvm_vmmcall(number, a0, a1, a2, a3)
                      : x86_kvm_vmcall(number, a0, a1, a2, a3);
}

/*
 * False: KVM does not do it, or what is missing is native.c's to complain of:
 * a vector, or an APIC here, without which nobody's id is known. A target that
 * has none is not counted, nor told of.
 */
static bool send(const uintptr_t bits[2], uint32_t lowest, unsigned vector)
{
    return vector && pvi_common(pvi_this_cpu())->lapic_enabled &&
           call(KVM_HC_SEND_IPI, bits[0], bits[1], lowest, vector) >= 0;
}

/* NULL: it has been torn down meanwhile. */
static const struct pvi_smp *smp_at(unsigned index)
{
    struct pvops_cpu *cpu = pvi_cpu_at(index);

    return cpu ? pvi_smp(cpu) : NULL;
}

/*
 * Those of 'named' that the hypercall reaches together with the lowest APIC id:
 * its vector, and not too far from it. They are in 'named' no more. False:
 * there is none.
 */
static bool send_window(struct pvops_cpus *named, unsigned ipi)
{
    struct pvops_cpus window = { { 0 } };
    const struct pvi_smp *first = NULL, *smp;
    uintptr_t bits[2] = { 0, 0 };

    for (unsigned i = 0; pvi_smp_next(named, &i); i++) {
        smp = smp_at(i);
        if (smp && (!first || smp->apic_id < first->apic_id))
            first = smp;
    }
    if (!first)
        return false;
    for (unsigned i = 0; pvi_smp_next(named, &i); i++) {
        uint32_t bit;

        smp = smp_at(i);
        bit = smp ? smp->apic_id - first->apic_id : IPI_WINDOW;
        if (bit >= IPI_WINDOW ||
            smp->ipi_vectors[ipi] != first->ipi_vectors[ipi])
            continue;
        bits[bit / PVOPS_CPUS_BITS] |= (uintptr_t)1 << bit % PVOPS_CPUS_BITS;
        pvops_cpus_add(&window, i);
        pvops_cpus_remove(named, i);
    }
    if (send(bits, first->apic_id, first->ipi_vectors[ipi]))
        return true;
    for (unsigned i = 0; pvi_smp_next(&window, &i); i++)
        pvi_native_smp_send_ipi(i, ipi);
    return true;
}

static uint8_t preempted(struct pvops_cpu *cpu)
{
    return __atomic_load_n(&pvi_kvm_cpu(cpu)->steal.preempted,
                           __ATOMIC_RELAXED);
}

PVOPS_OP_CALL static bool is_preempted(unsigned cpu)
{
    struct pvops_cpu *target = pvi_cpu_at(cpu);

    return target && (preempted(target) & KVM_VCPU_PREEMPTED);
}

/* The first that has lost its processor gets this one. */
static void yield_to_one_of(const struct pvops_cpus *cpus)
{
    struct pvops_cpus others;

    (void)pvi_smp_others(cpus, &others);
    for (unsigned i = 0; pvi_smp_next(&others, &i); i++) {
        struct pvops_cpu *cpu = pvi_cpu_at(i);

        if (cpu && (preempted(cpu) & KVM_VCPU_PREEMPTED)) {
            call(KVM_HC_SCHED_YIELD, pvi_smp(cpu)->apic_id, 0, 0, 0);
            return;
        }
    }
}

PVOPS_OP_CALL static void send_ipis(const struct pvops_cpus *cpus, unsigned ipi)
{
    struct pvops_cpus left = pvi_smp_named(cpus);

    while (send_window(&left, ipi))
        continue;
    if (yields)
        yield_to_one_of(cpus);
}

PVOPS_OP_CALL static void send_ipis_and_yield(const struct pvops_cpus *cpus,
                                              unsigned ipi)
{
    pvi_native_smp_send_ipis(cpus, ipi);
    yield_to_one_of(cpus);
}

/* x2APIC's ICR is one exit, or none; xAPIC's registers are three. */
PVOPS_OP_CALL static void send_ipi(unsigned cpu, unsigned ipi)
{
    const uintptr_t bits[2] = { 1, 0 };
    const struct pvi_smp *smp = smp_at(cpu);

    if (!smp || pvi_common(pvi_this_cpu())->lapic_x2apic ||
        !send(bits, smp->apic_id, smp->ipi_vectors[ipi]))
        pvi_native_smp_send_ipi(cpu, ipi);
}

/*
 * KVM takes the bit when it lets the CPU run again and forgets everything then.
 * It takes 'preempted' by one exchange: after that the bit cannot be set here,
 * and the CPU is asked like others.
 */
bool pvi_kvm_forgets_later(struct pvops_cpu *cpu)
{
    uint8_t now;

    if (!flushes)
        return false;
    now = preempted(cpu);
    return (now & KVM_VCPU_PREEMPTED) &&
           __atomic_compare_exchange_n(&pvi_kvm_cpu(cpu)->steal.preempted, &now,
                                       (uint8_t)(now | KVM_VCPU_FLUSH_TLB),
                                       false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* With interrupts off it is the kick alone that ends it, and an NMI. */
static void halt(bool interrupts)
{
    if (interrupts)
        x86_sti_hlt();
    else
        x86_hlt();
}

PVOPS_OP_CALL static void wait(const volatile uint32_t *word, uint32_t value)
{
    if (pvi_common(pvi_this_cpu())->lapic_enabled)
        pvi_lock_wait(word, value, halt);
    else
        pvi_native_lock_wait(word, value); /* its id is not known */
}

/* KVM remembers one that comes before the HLT. */
PVOPS_OP_CALL static void kick(unsigned cpu)
{
    const struct pvi_smp *smp = smp_at(cpu);

    if (smp)
        call(KVM_HC_KICK_CPU, 0, smp->apic_id, 0, 0);
}

static const char sleeps[] = "PV_UNHALT, and no hint REALTIME";

const struct pvi_op pvi_ops_kvm[] = {
    PVI_OP(lock, release, pvi_paravirt_lock_release, sleeps),
    PVI_OPS_END,
};

void pvi_kvm_smp_setup(uint32_t features, uint32_t hints)
{
    uint32_t maker = x86_cpuid(CPUID_BASIC, 0).ebx;
    bool shared = !(hints & KVM_HINTS_REALTIME);

    by_vmmcall = maker == CPUID_0_EBX_AMD || maker == CPUID_0_EBX_HYGON;
    /* Without STEAL_TIME nobody is seen preempted: the area stays zero. */
    flushes = shared && (features & KVM_FEATURE_PV_TLB_FLUSH);
    yields = shared && (features & KVM_FEATURE_PV_SCHED_YIELD);
    if (!shared)
        pvi_log(PVOPS_LOG_INFO, "kvm: REALTIME: a wait for a lock spins, flush "
                                "by IPI, nobody yields");
    if (features & KVM_FEATURE_STEAL_TIME)
        pvops_smp_table.is_preempted = is_preempted;
    if (features & KVM_FEATURE_PV_SEND_IPI) {
        pvops_smp_table.send_ipi = send_ipi;
        pvops_smp_table.send_ipis = send_ipis;
    } else if (yields) {
        pvops_smp_table.send_ipis = send_ipis_and_yield;
    }
    if (shared && (features & KVM_FEATURE_PV_UNHALT)) {
        pvops_lock_table.wait = wait;
        pvops_lock_table.kick = kick;
        pvi_install(pvi_ops_kvm, sleeps);
    }
}
