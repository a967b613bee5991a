/* SPDX-License-Identifier: MIT */
/*
 * multicall: hypercalls of a list, each with its result.
 *
 * Source: Xen 4.17 xen/common/multicall.c: a call that fails does not end the
 *         list, iret does; multicall itself is refused in it; what a call has
 *         left to do is written to its entry.
 */
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "domain/vcpu.h"
#include "mm/guest.h"

/* Of any call, in entries of tables. */
enum { CALL_COSTS = 8 };

/* How much it may do before it is made again. */
static unsigned cost(const struct multicall_entry *entry)
{
    uint32_t count = (uint32_t)entry->args[1] & ~MMU_UPDATE_PREEMPTED;

    switch (entry->op) {
    case __HYPERVISOR_mmu_update:
    case __HYPERVISOR_mmuext_op:
        return CALL_COSTS + (count < CALL_MOST ? count : CALL_MOST);
    case __HYPERVISOR_console_io:
    case __HYPERVISOR_memory_op:
    case __HYPERVISOR_set_trap_table:
        return CALL_MOST;
    }
    return CALL_COSTS;
}

static long one(const struct multicall_entry *entry)
{
    if (entry->op == __HYPERVISOR_multicall)
        return -XEN_EINVAL;
    if (entry->op >= HYPERCALLS)
        return hypercall_unknown(entry->op);
    return hypercalls[entry->op](entry->args[0], entry->args[1], entry->args[2],
                                 entry->args[3], entry->args[4]);
}

/* What it has left to do, or its result: the entry may be gone by now. */
static bool tell(uint64_t at, const struct multicall_entry *entry, bool again)
{
    return again ? guest_write(at, entry, sizeof(*entry))
                 : guest_write64(at + offsetof(struct multicall_entry, result),
                                 entry->result);
}

long call_multicall(uint64_t calls, uint64_t count)
{
    struct vcpu *vcpu = vcpu_this();
    struct multicall_entry entry;
    unsigned done = 0;
    long result = 0;

    count = (uint32_t)count;
    vcpu->listed = &entry;
    while (count && done < CALL_MOST && vcpu->up) {
        bool again;

        result = -XEN_EFAULT;
        if (!guest_read(&entry, calls, sizeof(entry)))
            break;
        if (entry.op == __HYPERVISOR_iret) {
            vcpu->listed = NULL;
            return call_iret();
        }
        done += cost(&entry);
        entry.result = (unsigned long)one(&entry);
        again = vcpu->listed_again;
        vcpu->listed_again = false;
        if (!tell(calls, &entry, again))
            break;
        result = 0;
        if (again)
            break;
        calls += sizeof(entry);
        count--;
    }
    vcpu->listed = NULL;
    if (result == 0 && count) {
        call_argument(1, calls);
        call_argument(2, count);
        result = call_again(__HYPERVISOR_multicall);
    }
    return call_look_down(result);
}
