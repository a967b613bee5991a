/* SPDX-License-Identifier: MIT */
/*
 * What KVM writes for a CPU: stolen time, EOI that costs nothing; and whether
 * the host polls.
 */
#include "report/kvm.h"

enum { WAIT_US = 20000, PREEMPTED_FLUSH = 2 };

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

/* The host takes the request from a CPU that it lets run again, and flushes. */
void probe_kvm_flush(struct report_try *try)
{
    struct report_stale stale;
    uint64_t old;

    report_stale_begin(&stale, 0);
    if (!begin_steal(try, &old))
        return;
    if (!steal.version)
        try_wrong(try, "STEAL_TIME's area, which it needs, is never written");
    else if (steal.preempted)
        try_wrong(try, "the request in 'preempted' stays: 0x%x",
                  (unsigned)steal.preempted);
    else
        report_stale_judge(try, &stale, "the request in 'preempted' is taken");
    machine_wrmsr(KVM_MSR_STEAL, old);
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
    try_eoi_word(try, &eoi_word, true);
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
