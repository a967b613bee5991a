/* SPDX-License-Identifier: MIT */
/*
 * multicall: hypercalls of a list, each with its result.
 *
 * Source: Xen 4.17 xen/common/multicall.c: a call that fails does not end the
 *         list, iret does; multicall itself is refused in it.
 */
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "mm/guest.h"

long call_multicall(uint64_t calls, uint64_t count)
{
    struct multicall_entry entry;

    for (; count; count--, calls += sizeof(entry)) {
        uint64_t result_at = calls + offsetof(struct multicall_entry, result);

        if (!guest_read(&entry, calls, sizeof(entry)))
            return -XEN_EFAULT;
        /* The list may not be mapped where it goes. */
        if (entry.op == __HYPERVISOR_iret)
            return call_iret();
        if (entry.op >= HYPERCALLS || entry.op == __HYPERVISOR_multicall)
            entry.result = (unsigned long)-XEN_ENOSYS;
        else
            entry.result = (unsigned long)hypercalls[entry.op](
                entry.args[0], entry.args[1], entry.args[2], entry.args[3],
                entry.args[4]);
        if (!guest_write64(result_at, entry.result))
            return -XEN_EFAULT;
    }
    return 0;
}
