/* SPDX-License-Identifier: MIT */
/*
 * memory_op: maps, and frames given back and taken again.
 *
 * Source: Xen 4.17 xen/common/memory.c; xen/arch/x86/mm.c, arch_memory_op();
 *         xen/arch/x86/x86_64/mm.c, subarch_memory_op().
 */
#include "abi/xen_memory.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "domain/balloon.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"

static long machine_map(uint64_t argument)
{
    struct xen_memory_map map;
    unsigned count = domain.map_count;

    if (!guest_read(&map, argument, sizeof(map)))
        return -XEN_EFAULT;
    if (map.nr_entries < count)
        count = map.nr_entries;
    if (!guest_write(map.buffer, domain.map, count * sizeof(domain.map[0])))
        return -XEN_EFAULT;
    map.nr_entries = count;
    return guest_write(argument, &map, sizeof(map)) ? 0 : -XEN_EFAULT;
}

static long machphys_mapping(uint64_t argument)
{
    struct xen_machphys_mapping out = {
        .v_start = M2P_BEGIN,
        .v_end = M2P_BEGIN + 0x4000000000,
        .max_mfn = frame_count - 1,
    };

    return guest_write(argument, &out, sizeof(out)) ? 0 : -XEN_EFAULT;
}

enum { M2P_EXTENT_FRAMES = 512 };

/* The frames of the table itself, by pages of 2 MiB. */
static long machphys_list(uint64_t argument)
{
    struct xen_machphys_mfn_list list;
    uint64_t begin = m2p_machine >> PAGE_BITS;
    uint64_t frames_all = (frame_count * 8 + PAGE_BYTES - 1) >> PAGE_BITS;
    uint32_t i;

    if (!guest_read(&list, argument, sizeof(list)))
        return -XEN_EFAULT;
    for (i = 0; i < list.max_extents; i++) {
        uint64_t from = (uint64_t)i * M2P_EXTENT_FRAMES;

        if (from >= frames_all)
            break;
        if (!guest_write64(list.extent_start + i * 8, begin + from))
            return -XEN_EFAULT;
    }
    list.nr_extents = i;
    return guest_write(argument, &list, sizeof(list)) ? 0 : -XEN_EFAULT;
}

static bool own_domain(uint64_t argument)
{
    uint16_t domid;

    return guest_read(&domid, argument, sizeof(domid)) &&
           (domid == DOMID_SELF || domid == 0);
}

/* The number of extents that were done. */
static long reservation(unsigned command, uint64_t argument)
{
    struct xen_memory_reservation op;
    uint64_t i;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.domid != DOMID_SELF && op.domid != 0)
        return -XEN_ESRCH;
    if (op.extent_order > 9)
        return -XEN_EINVAL;
    for (i = 0; i < op.nr_extents; i++) {
        uint64_t at = op.extent_start + i * 8;
        bool done = command == XENMEM_decrease_reservation
                        ? balloon_give(at, op.extent_order)
                        : balloon_take(at, op.extent_order,
                                       command == XENMEM_populate_physmap);

        if (!done)
            break;
    }
    return (long)i;
}

long call_memory_op(uint64_t command, uint64_t argument)
{
    switch (command & XENMEM_CMD_MASK) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation(command & XENMEM_CMD_MASK, argument);
    case XENMEM_maximum_ram_page:
        return (long)frame_count - 1;
    case XENMEM_current_reservation:
        return own_domain(argument) ? (long)domain.pages : -XEN_ESRCH;
    case XENMEM_maximum_reservation:
        return own_domain(argument) ? (long)balloon_most() : -XEN_ESRCH;
    case XENMEM_machphys_mfn_list:
        return machphys_list(argument);
    case XENMEM_memory_map:
        return -XEN_ENOSYS; /* a dom0 has none but the machine's */
    case XENMEM_machine_memory_map:
        return machine_map(argument);
    case XENMEM_machphys_mapping:
        return machphys_mapping(argument);
    case XENMEM_maximum_gpfn:
        return own_domain(argument) ? (long)domain.pages - 1 : -XEN_ESRCH;
    case XENMEM_exchange:
        return balloon_exchange(argument);
    }
    return call_unknown("memory_op", command & XENMEM_CMD_MASK);
}
