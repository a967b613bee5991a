/* SPDX-License-Identifier: MIT */
/*
 * KVM's hypercalls, to this CPU where one needs a target.
 */
#include "report/kvm.h"
#include "report/other.h"

enum { WAIT_US = 20000 };

/* False: it is not there, which has been said. */
static bool call(struct report_try *try, unsigned number, uintptr_t one,
                 uintptr_t two, uintptr_t three, uintptr_t four,
                 long *out_result)
{
    const uintptr_t args[4] = { one, two, three, four };

    if (!machine_kvm(number, args, out_result)) {
        if (try->claimed)
            try_wrong(try, "the hypercall instruction faults");
        else
            try_absent(try);
        return false;
    }
    if (*out_result == -KVM_ERROR_ENOSYS) {
        /* A hypercall that no bit stands for may be missing. */
        if (try->claimed && (try->row->kind == REPORT_BIT || try->row->by[0]))
            try_wrong(try, "hypercall %u: -ENOSYS", number);
        else
            try_absent(try);
        return false;
    }
    if (!try->claimed)
        try_unclaimed(try, "hypercall %u answers %ld", number, *out_result);
    return true;
}

static void answers_0(struct report_try *try, long result)
{
    if (result)
        try_wrong(try, "it answers %ld, not 0", result);
}

/* With a second CPU that it wakes one: see other.c. */
void probe_kvm_kick(struct report_try *try)
{
    long result;

    if (try->claimed && machine_other()) {
        probe_kvm_kick_other(try);
        return;
    }
    if (!call(try, KVM_CALL_KICK, 0, machine_apic_id(), 0, 0, &result))
        return;
    answers_0(try, result);
    try_right(try, "it answers 0; there is no other CPU to wake");
}

static void ipi_by_call(void)
{
    const uintptr_t args[4] = { 1, 0, machine_apic_id(), MACHINE_VECTOR };
    long result;

    machine_kvm(KVM_CALL_IPI, args, &result);
}

static void ipi_by_apic(void)
{
    machine_apic_self(MACHINE_VECTOR);
}

void probe_kvm_ipi(struct report_try *try)
{
    long result;

    machine_count[0] = machine_count[1] = 0;
    if (!call(try, KVM_CALL_IPI, 1, 0, machine_apic_id(), MACHINE_VECTOR,
              &result))
        return;
    if (result != 1)
        try_wrong(try, "to this CPU: it answers %ld, not 1", result);
    else if (!machine_wait(1, report_ticks(WAIT_US)))
        try_wrong(try, "to this CPU: it does not arrive");
    try_right(try, "to this CPU: it arrives");
    if (try->verdict != REPORT_WRONG && try->claimed)
        try_cost(try, ipi_by_call, ipi_by_apic);
    machine_wait(~0u, report_ticks(1000));
}

void probe_kvm_yield(struct report_try *try)
{
    long result;

    if (!call(try, KVM_CALL_YIELD, machine_apic_id(), 0, 0, 0, &result))
        return;
    answers_0(try, result);
    try_right(try, "it answers 0");
}

/* Not every host has a clock that it can pair: -EOPNOTSUPP. */
void probe_kvm_pairing(struct report_try *try)
{
    static volatile struct kvm_pairing pairing __attribute__((aligned(64)));
    uint64_t before = machine_tsc();
    long result;

    pairing.sec = 0;
    if (!call(try, KVM_CALL_PAIRING,
              (uintptr_t)machine_paddr((const void *)&pairing), 0, 0, 0,
              &result))
        return;
    if (result == -KVM_ERROR_EOPNOTSUPP)
        try_untried(try, "-EOPNOTSUPP: the host's clock is not the TSC");
    else if (result)
        try_wrong(try, "it answers %ld", result);
    else if (pairing.tsc < before || pairing.tsc > machine_tsc())
        try_wrong(try, "its TSC is not of now");
    else if (pairing.sec < 1577836800 || (uint64_t)pairing.nsec >= 1000000000)
        try_wrong(try, "it says %lld s since 1970", (long long)pairing.sec);
    else
        try_right(try, "%lld s since 1970", (long long)pairing.sec);
}

/* An address that is no page's: refused, and nothing is changed. */
void probe_kvm_map_gpa(struct report_try *try)
{
    long result;

    if (!call(try, KVM_CALL_MAP_GPA, 1, 1, 0, 0, &result))
        return;
    if (result != -KVM_ERROR_EINVAL)
        try_wrong(try, "address 1: it answers %ld, not -EINVAL", result);
    try_right(try, "address 1 is refused");
}

void probe_kvm_unknown(struct report_try *try)
{
    const uintptr_t args[4] = { 0 };
    long result;

    if (!machine_kvm(KVM_CALL_NONE, args, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result != -KVM_ERROR_ENOSYS)
        try_wrong(try, "it answers %ld, not -ENOSYS", result);
    else
        try_right(try, "-ENOSYS");
}
