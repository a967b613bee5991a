/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a lock under Hyper-V. With the idle MSR a waiter sleeps until an
 * interrupt is there, whether it can be taken or not: a kick is the library's
 * own, the one for flushes. Without, it spins, and after as many tries as the
 * hypervisor asks for tells it so.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include "clock/features.h"
#include <x86/insn.h>
#include <x86/percpu.h>

static const char by_idle_msr[] = "waiters sleep by GUEST_IDLE";

const struct pvi_op pvi_ops_hyperv[] = {
    PVI_OP(lock, release, pvi_native_lock_release, NULL),
    PVI_OP(lock, release, pvi_paravirt_lock_release, by_idle_msr),
    PVI_OPS_END,
};

static bool has_idle_msr(void)
{
    return pvi.info.features[PVI_HYPERV_EAX] & HV_MSR_GUEST_IDLE_AVAILABLE;
}

/* Else it could not be kicked. */
static bool can_idle(struct pvops_cpu *cpu)
{
    return has_idle_msr() && pvi_smp(cpu)->flush_vector;
}

/* A kick that is there already ends it at once. */
static void halt(bool interrupts)
{
    (void)interrupts;
    (void)x86_rdmsr(HV_X64_MSR_GUEST_IDLE);
}

/* How often one call looks, at most: somebody may want to be asked again. */
enum { MOST_TRIES = 1024 };

/* 'n' more tries for the same word, which failed, but maybe the last. */
static void count(struct pvi_hyperv_cpu *h, const volatile uint32_t *word,
                  uint32_t n)
{
    if (h->spins_on != word) {
        h->spins_on = word;
        h->spins = 0;
        h->spins_told = 0;
    }
    h->spins += n;
}

static void tell(struct pvi_hyperv_cpu *h)
{
    if (h->spins - h->spins_told < pvi_hyperv.retries)
        return;
    h->spins_told = h->spins;
    /* A hint: it cannot fail. */
    pvi_hyperv_call(HVCALL_NOTIFY_LONG_SPIN_WAIT | HV_HYPERCALL_FAST, h->spins,
                    0);
}

static void spin(struct pvi_hyperv_cpu *h, const volatile uint32_t *word,
                 uint32_t value)
{
    uint32_t most =
        pvi_hyperv.retries < MOST_TRIES ? pvi_hyperv.retries : MOST_TRIES;
    uint32_t tries = 0;

    x86_pause();
    if (!most || !pvi_hyperv_can_call())
        return;
    while (tries < most && *word == value) {
        pvops_smp_poll();
        x86_pause();
        tries++;
    }
    count(h, word, tries);
    /* A lock's word also changes as others come to wait. */
    if (tries == most)
        tell(h);
}

PVOPS_OP_CALL static void wait(const volatile uint32_t *word, uint32_t value)
{
    struct pvops_cpu *cpu = pvi_this_cpu();

    if (!cpu || !pvi_common(cpu)->set_up) {
        pvi_native_lock_wait(word, value);
        return;
    }
    if (can_idle(cpu)) {
        pvi_lock_wait(word, value, halt);
        return;
    }
    spin(pvi_hyperv_cpu(cpu), word, value);
    pvops_smp_poll();
}

PVOPS_OP_CALL static void kick(unsigned index)
{
    struct pvops_cpu *target = pvi_cpu_at(index);

    if (target && can_idle(target))
        pvi_hyperv_send(target, pvi_smp(target)->flush_vector);
}

void pvi_hyperv_lock_install(void)
{
    if (has_idle_msr())
        pvi_install(pvi_ops_hyperv, by_idle_msr);
    pvops_lock_table.wait = wait;
    pvops_lock_table.kick = kick;
}
