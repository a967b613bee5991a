/* SPDX-License-Identifier: MIT */
/*
 * Translations that several CPUs forget, by interrupts of the library's own.
 *
 * Who asks says what in its own pvi_smp.flush, sets its bit in asked_by of each
 * that shall forget, and waits until flush_left, which each of them counts
 * down, is 0. Whoever waits answers others meanwhile: two that ask each other
 * with interrupts off do not stand.
 *
 * A CPU that is torn down waits for those who may have seen it set up still
 * ('posts'), then answers for the last time: nobody waits for one that is gone.
 */
#include "internal.h"

#include "abi/x86.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum { PAGE_BYTES = 4096, MOST_SINGLE_FLUSHES = 32 };

/*
 * The PCID of a root: those bits, if CR4.PCIDE is set. To read CR4 may be an
 * exit: only where they are not 0. There are PCIDs in 64-bit mode only.
 */
static unsigned pcid_of(uintptr_t root)
{
#ifdef __x86_64__
    if (root & X86_CR3_PCID && pvi.has_pge && x86_read_cr4() & X86_CR4_PCIDE)
        return (unsigned)(root & X86_CR3_PCID);
#else
    (void)root;
#endif
    return 0;
}

/*
 * A range in an address space that is not the active one: INVLPG is not it.
 * Under Xen PV, where to read CR3 is an exit, there are no PCIDs, and has_pge
 * is false.
 */
static void forget_inactive(const struct pvi_flush *what)
{
    unsigned pcid = pcid_of(what->root);
    uintptr_t address = what->address;

    if (!pvi.has_pge || what->pages > MOST_SINGLE_FLUSHES ||
        pcid == pcid_of(x86_read_cr3()))
        return;
    if (!pvi.has_invpcid) {
        pvi_native_mmu_flush_all();
        return;
    }
    for (size_t i = 0; i < what->pages; i++, address += PAGE_BYTES)
        x86_invpcid_address(pcid, address);
}

/*
 * In a handler, which may have interrupted a batch: what delays flushes to its
 * end is not used.
 */
static void forget_here(const struct pvi_flush *what)
{
    switch (what->kind) {
    case PVI_FLUSH_RANGE:
        pvi_native_mmu_flush_range(what->address, what->pages);
        forget_inactive(what);
        break;
    case PVI_FLUSH_SPACE:
        pvi_native_mmu_flush_asid(pcid_of(what->root));
        break;
    case PVI_FLUSH_ALL:
        pvi_native_mmu_flush_all();
        break;
    }
}

/* By who asks, outside of every batch. */
static void forget_own(const struct pvi_flush *what)
{
    switch (what->kind) {
    case PVI_FLUSH_RANGE:
        pvops_mmu_table.flush_range(what->address, what->pages);
        forget_inactive(what);
        break;
    case PVI_FLUSH_SPACE:
        pvops_mmu_table.flush_asid(pcid_of(what->root));
        break;
    case PVI_FLUSH_ALL:
        pvops_mmu_table.flush_all();
        break;
    }
}

/* 'asker' waits, hence is set up. */
static void answer(unsigned asker)
{
    struct pvi_smp *smp = pvi_smp(pvi_cpu_at(asker));

    forget_here(&smp->flush);
    __atomic_fetch_sub(&smp->flush_left, 1, __ATOMIC_SEQ_CST);
}

void pvops_smp_poll(void)
{
    struct pvops_cpu *cpu = pvi_this_cpu();
    struct pvops_cpus *asked_by;

    /* It waits for a lock before its set-up: nobody asks it. */
    if (!cpu)
        return;
    asked_by = &pvi_smp(cpu)->asked_by;
    for (unsigned i = 0; i < PVOPS_MAX_CPUS / PVOPS_CPUS_BITS; i++) {
        uintptr_t askers;

        if (!__atomic_load_n(&asked_by->words[i], __ATOMIC_RELAXED))
            continue;
        askers = __atomic_exchange_n(&asked_by->words[i], 0, __ATOMIC_SEQ_CST);
        for (; askers; askers &= askers - 1)
            answer(i * PVOPS_CPUS_BITS + (unsigned)__builtin_ctzl(askers));
    }
}

static void wait_for(const unsigned *left)
{
    while (__atomic_load_n(left, __ATOMIC_ACQUIRE)) {
        pvops_smp_poll();
        x86_pause();
    }
}

/*
 * After this, no CPU will ask it any more, nor waits for it. It is in no set of
 * those that are set up: who posts now, and began later than that, leaves it
 * out.
 */
void pvi_smp_flush_leave(struct pvops_cpu *cpu)
{
    const struct pvops_cpus online = pvi.online;

    for (unsigned i = 0; pvi_smp_next(&online, &i); i++) {
        struct pvops_cpu *other = pvi_cpu_at(i);

        while (other && other != cpu &&
               __atomic_load_n(&pvi_smp(other)->posts, __ATOMIC_SEQ_CST)) {
            pvops_smp_poll();
            x86_pause();
        }
    }
    pvops_smp_poll();
}

/*
 * One whose teardown has begun since it was counted is set up no more. One that
 * sleeps would take the interrupt too late, if it is off there.
 */
static void ask(unsigned index, struct pvi_smp *asker_smp, unsigned asker)
{
    struct pvops_cpu *cpu = pvi_cpu_at(index);
    struct pvi_smp *smp;

    if (!cpu) {
        __atomic_fetch_sub(&asker_smp->flush_left, 1, __ATOMIC_SEQ_CST);
        return;
    }
    smp = pvi_smp(cpu);
    __atomic_fetch_or(&smp->asked_by.words[asker / PVOPS_CPUS_BITS],
                      (uintptr_t)1 << asker % PVOPS_CPUS_BITS,
                      __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&smp->waits, __ATOMIC_SEQ_CST))
        pvops_lock_table.kick(index);
    if (pvi.backend->send)
        pvi.backend->send(cpu, smp->flush_vector);
    else
        pvi_lapic_send(smp->apic_id, smp->flush_vector);
}

/* As the hypervisor tells of one that does not run. */
static bool forgets_later(struct pvops_cpu *cpu)
{
    return pvi.backend->forgets_later && pvi.backend->forgets_later(cpu);
}

/* Of 'cpus' those that have to be asked; how many they are. */
static unsigned find_others(const struct pvops_cpus *cpus,
                            struct pvops_cpus *out_others)
{
    unsigned count = 0;

    if (!pvi_smp_others(cpus, out_others))
        return 0;
    for (unsigned i = 0; pvi_smp_next(out_others, &i); i++) {
        struct pvops_cpu *cpu = pvi_cpu_at(i);

        if (cpu && !pvi_smp(cpu)->flush_vector)
            pvi_panic("pvops_smp_flush: CPU %u was set up with no flush_vector",
                      i);
        if (cpu && !forgets_later(cpu))
            count++;
        else
            pvops_cpus_remove(out_others, i);
    }
    return count;
}

/*
 * Interrupts are off while it is posted: a handler here may ask, too, and finds
 * the request that it interrupted whole, or none. Returns how many were asked.
 */
static unsigned post(const struct pvops_cpus *cpus, struct pvops_cpu *self,
                     const struct pvi_flush *what)
{
    struct pvi_smp *smp = pvi_smp(self);
    uintptr_t flags = pvops_irq_table.save_flags();
    struct pvops_cpus others;
    unsigned count;

    pvops_irq_table.disable();
    wait_for(&smp->flush_left);
    (void)__atomic_exchange_n(&smp->posts, true, __ATOMIC_SEQ_CST);
    count = find_others(cpus, &others);
    smp->flush = *what;
    __atomic_store_n(&smp->flush_left, count, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; pvi_smp_next(&others, &i); i++)
        ask(i, smp, self->index);
    __atomic_store_n(&smp->posts, false, __ATOMIC_SEQ_CST);
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
    return count;
}

/* CR3 written as it is ends one everywhere; on bare metal there is none. */
static void end_batch(void)
{
    if (pvops_mmu_table.begin_batch != pvi_native_mmu_begin_batch)
        pvops_mmu_table.write_cr3(pvops_mmu_table.read_cr3());
}

static void flush(const struct pvops_cpus *cpus, const struct pvi_flush *what)
{
    struct pvops_cpu *self = pvi_this_cpu();
    bool set_up = self && pvi_common(self)->set_up;
    unsigned asked = 0;

    end_batch();
    if (set_up)
        asked = post(cpus, self, what);
    if (!cpus || !set_up || pvops_cpus_has(cpus, self->index))
        forget_own(what);
    if (asked)
        wait_for(&pvi_smp(self)->flush_left);
}

PVOPS_OP_CALL void pvi_native_smp_flush_range(const struct pvops_cpus *cpus,
                                              uintptr_t root, uintptr_t address,
                                              size_t pages)
{
    flush(cpus, &(struct pvi_flush){ PVI_FLUSH_RANGE, root, address, pages });
}

PVOPS_OP_CALL void pvi_native_smp_flush_space(const struct pvops_cpus *cpus,
                                              uintptr_t root)
{
    flush(cpus, &(struct pvi_flush){ PVI_FLUSH_SPACE, root, 0, 0 });
}

PVOPS_OP_CALL void pvi_native_smp_flush_all(const struct pvops_cpus *cpus)
{
    flush(cpus, &(struct pvi_flush){ PVI_FLUSH_ALL, 0, 0, 0 });
}
