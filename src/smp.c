/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs there are, and interrupts from one to another by the local APIC.
 */
#include "internal.h"

#include <x86/insn.h>
#include <x86/percpu.h>

struct pvops_cpu *pvi_cpu_at(unsigned index)
{
    return index < PVOPS_MAX_CPUS ? pvi.cpus[index] : NULL;
}

struct pvops_cpus pvops_smp_online(void)
{
    return pvi.online;
}

/* Before the backend's set-up. */
void pvi_smp_cpu_setup(struct pvops_cpu *cpu,
                       const struct pvops_cpu_options *options)
{
    struct pvi_smp *smp = pvi_smp(cpu);

    x86_clear(smp, sizeof(*smp));
    __builtin_memcpy(smp->ipi_vectors, options->ipi_vectors, PVOPS_IPIS);
    smp->flush_vector = options->flush_vector;
    smp->pages = options->pages;
}

static uintptr_t *online_word(const struct pvops_cpu *cpu)
{
    return &pvi.online.words[cpu->index / PVOPS_CPUS_BITS];
}

static uintptr_t online_bit(const struct pvops_cpu *cpu)
{
    return (uintptr_t)1 << cpu->index % PVOPS_CPUS_BITS;
}

/*
 * After it: others may name this CPU. What they had forgotten before that, it
 * may have kept.
 */
void pvi_smp_cpu_online(struct pvops_cpu *cpu)
{
    __atomic_store_n(&pvi.cpus[cpu->index], cpu, __ATOMIC_RELEASE);
    __atomic_fetch_or(online_word(cpu), online_bit(cpu), __ATOMIC_SEQ_CST);
    if (cpu->index != 0)
        pvops_mmu_table.flush_all();
}

/*
 * Who is in pvi.cpus[] is in pvi.online: a handler in between that sleeps for a
 * lock would not be found there.
 */
void pvi_smp_cpu_teardown(struct pvops_cpu *cpu)
{
    __atomic_store_n(&pvi.cpus[cpu->index], NULL, __ATOMIC_SEQ_CST);
    __atomic_fetch_and(online_word(cpu), ~online_bit(cpu), __ATOMIC_SEQ_CST);
    pvi_smp_flush_leave(cpu);
}

bool pvi_smp_next(const struct pvops_cpus *cpus, unsigned *index)
{
    for (unsigned i = *index; i < PVOPS_MAX_CPUS;
         i = (i | (PVOPS_CPUS_BITS - 1)) + 1) {
        uintptr_t left =
            cpus->words[i / PVOPS_CPUS_BITS] >> i % PVOPS_CPUS_BITS;

        if (left) {
            *index = i + (unsigned)__builtin_ctzl(left); /* BSF */
            return true;
        }
    }
    return false;
}

bool pvi_smp_others(const struct pvops_cpus *cpus,
                    struct pvops_cpus *out_others)
{
    struct pvops_cpu *self =
        pvi.stage < PVI_STAGE_BOOT_CPU ? NULL : pvi_this_cpu();
    uintptr_t any = 0;

    *out_others = pvi.online;
    if (self)
        pvops_cpus_remove(out_others, self->index);
    for (unsigned i = 0; i < PVOPS_MAX_CPUS / PVOPS_CPUS_BITS; i++) {
        if (cpus)
            out_others->words[i] &= cpus->words[i];
        any |= out_others->words[i];
    }
    return any != 0;
}

struct pvops_cpus pvi_smp_named(const struct pvops_cpus *cpus)
{
    struct pvops_cpus others;

    if (cpus)
        return *cpus;
    (void)pvi_smp_others(NULL, &others);
    return others;
}

unsigned pvi_smp_vector(unsigned vector)
{
    const struct pvi_smp *smp = pvi_smp(pvi_this_cpu());

    if (vector == smp->flush_vector) {
        pvops_smp_poll();
        return 0;
    }
    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        if (smp->ipi_vectors[i] == vector)
            return PVOPS_ARRIVED_IPI(i);
    }
    return 0;
}

/* One that is torn down meanwhile, as it can be of all, needs none. */
PVOPS_OP_CALL void pvi_native_smp_send_ipi(unsigned cpu, unsigned ipi)
{
    struct pvops_cpu *target = pvi_cpu_at(cpu);

    if (!target)
        return;
    if (!pvi_smp(target)->ipi_vectors[ipi])
        pvi_panic("pvops_smp_send_ipi: CPU %u was set up with no vector for "
                  "IPI %u",
                  cpu, ipi);
    pvi_lapic_send(pvi_smp(target)->apic_id, pvi_smp(target)->ipi_vectors[ipi]);
}

PVOPS_OP_CALL void pvi_native_smp_send_ipis(const struct pvops_cpus *cpus,
                                            unsigned ipi)
{
    struct pvops_cpus named = pvi_smp_named(cpus);

    for (unsigned i = 0; pvi_smp_next(&named, &i); i++)
        pvops_smp_table.send_ipi(i, ipi);
}

PVOPS_OP_CALL bool pvi_native_smp_is_preempted(unsigned cpu)
{
    (void)cpu;
    return false;
}
