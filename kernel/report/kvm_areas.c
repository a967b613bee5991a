/* SPDX-License-Identifier: MIT */
/*
 * What KVM writes for a CPU: stolen time, EOI that costs nothing; and whether
 * the host polls.
 */
#include "report/kvm.h"

enum { WAIT_US = 20000, INTERRUPTS = 16, PREEMPTED_FLUSH = 2, APIC_EOI = 0xb0 };

static volatile struct kvm_steal steal __attribute__((aligned(64)));
static volatile uint32_t eoi_word __attribute__((aligned(4)));

static bool begin_steal(struct report_try *try, uint64_t *out_old)
{
    uint64_t start, ticks = report_ticks(WAIT_US);

    if (!try_read(try, KVM_MSR_STEAL, out_old))
        return false;
    steal.steal = 0;
    steal.version = steal.flags = 0;
    steal.preempted = PREEMPTED_FLUSH;
    if (!try_write(try, KVM_MSR_STEAL,
                   machine_paddr((const void *)&steal) | KVM_ENABLE))
        return false;
    start = machine_tsc();
    while ((!steal.version || steal.version & 1) &&
           machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    return true;
}

void probe_kvm_steal(struct report_try *try)
{
    uint64_t old;

    if (!begin_steal(try, &old))
        return;
    if (!steal.version)
        try_wrong(try, "the area is never written");
    else if (steal.version & 1)
        try_wrong(try, "its version stays odd: 0x%x", (unsigned)steal.version);
    else if (steal.steal >> 60)
        try_wrong(try, "%llu ns stolen", (unsigned long long)steal.steal);
    else
        try_right(try, "written, version %u", (unsigned)steal.version);
    machine_wrmsr(KVM_MSR_STEAL, old);
}

/* The host takes the request from a CPU that it lets run again. */
void probe_kvm_flush(struct report_try *try)
{
    uint64_t old;

    if (!begin_steal(try, &old))
        return;
    if (!steal.version)
        try_wrong(try, "STEAL_TIME's area, which it needs, is never written");
    else if (steal.preempted)
        try_wrong(try, "the request in 'preempted' stays: 0x%x",
                  (unsigned)steal.preempted);
    else
        try_right(try, "the request in 'preempted' is taken");
    machine_wrmsr(KVM_MSR_STEAL, old);
}

static void eoi_by_apic(void)
{
    machine_apic_write(APIC_EOI, 0);
}

static void exit_by_cpuid(void)
{
    uint32_t r[4];

    machine_cpuid(1, 0, r);
}

/* One after another; each must come, or the host did not see the last's end. */
static void interrupts(struct report_try *try)
{
    machine_count[0] = machine_count[1] = 0;
    machine_eoi_words = 0;
    for (unsigned i = 0; i < INTERRUPTS; i++) {
        if (!machine_apic_self(MACHINE_VECTOR)) {
            try_untried(try, "no local APIC that could interrupt");
            return;
        }
        if (!machine_wait(i + 1, report_ticks(WAIT_US))) {
            try_wrong(try,
                      "interrupt %u does not come: the EOI by the word "
                      "was not seen",
                      i + 1);
            eoi_by_apic();
            return;
        }
    }
    if (machine_eoi_words) {
        try_right(try, "%u of %u interrupts needed no EOI", machine_eoi_words,
                  (unsigned)INTERRUPTS);
        return;
    }
    /* An APIC in hardware makes no exit of an EOI: nothing to be had then. */
    try_cost(try, eoi_by_apic, exit_by_cpuid);
    if (try->ticks < try->native / 4)
        try_right(try, "never set: an EOI costs no exit here");
    else
        try_wrong(try, "the word is never set, and an EOI costs an exit");
    try->ticks = try->native = 0;
}

void probe_kvm_eoi(struct report_try *try)
{
    uint64_t old;

    if (!try_read(try, KVM_MSR_EOI, &old))
        return;
    eoi_word = 0;
    if (!try_write(try, KVM_MSR_EOI,
                   machine_paddr((const void *)&eoi_word) | KVM_ENABLE))
        return;
    machine_eoi = MACHINE_EOI_WORD;
    machine_eoi_word = &eoi_word;
    interrupts(try);
    machine_eoi_word = NULL;
    machine_eoi = MACHINE_EOI_APIC;
    machine_wrmsr(KVM_MSR_EOI, old);
}

void probe_kvm_poll(struct report_try *try)
{
    uint64_t old, now = ~UINT64_C(0);

    if (!try_read(try, KVM_MSR_POLL, &old))
        return;
    if (!try_write(try, KVM_MSR_POLL, !(old & 1)))
        return;
    if (!machine_rdmsr(KVM_MSR_POLL, &now) || now != !(old & 1))
        try_wrong(try, "%u stored reads 0x%llx", !(old & 1),
                  (unsigned long long)now);
    else
        try_right(try, "the host's polling can be turned off and on");
    machine_wrmsr(KVM_MSR_POLL, old);
}
