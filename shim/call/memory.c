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

    if (!guest_read(&map, argument, sizeof(map)))
        return -XEN_EFAULT;
    /* Without a buffer it asks for their number alone. */
    if (map.buffer && map.nr_entries < domain.map_count)
        return -XEN_EINVAL;
    if (map.buffer && !guest_write(map.buffer, domain.map,
                                   domain.map_count * sizeof(domain.map[0])))
        return -XEN_EFAULT;
    map.nr_entries = domain.map_count;
    return guest_write(argument, &map, sizeof(map)) ? 0 : -XEN_EFAULT;
}

static long machphys_mapping(uint64_t argument)
{
    struct xen_machphys_mapping out = {
        .v_start = MACH2PHYS_VIRT_START,
        .v_end = MACH2PHYS_VIRT_END,
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

/* A number of pages of the domain that is asked about. */
static long pages(uint64_t argument, uint64_t answer)
{
    uint16_t domid;

    if (!guest_read(&domid, argument, sizeof(domid)))
        return -XEN_EFAULT;
    return call_is_self(domid) ? (long)answer : -XEN_ESRCH;
}

static bool give_or_take(unsigned command,
                         const struct xen_memory_reservation *op, uint64_t i)
{
    uint64_t at = op->extent_start + i * 8;

    if (command == XENMEM_decrease_reservation)
        return balloon_give(at, op->extent_order);
    return balloon_take(at, op->extent_order,
                        command == XENMEM_populate_physmap);
}

/*
 * The number of extents that were done, of which the first ones were by an
 * earlier part of the call: that is the answer, too, if anything is wrong.
 */
static long reservation(uint64_t command, uint64_t argument)
{
    unsigned what = command & XENMEM_CMD_MASK;
    uint64_t i = command >> XENMEM_EXTENT_SHIFT, end;
    struct xen_memory_reservation op;

    if (!guest_read(&op, argument, sizeof(op)) || !call_is_self(op.domid) ||
        op.extent_order > BALLOON_ORDER_MOST ||
        op.nr_extents > UINT32_MAX >> XENMEM_EXTENT_SHIFT || i >= op.nr_extents)
        return (long)i;
    end = i + (CALL_MOST >> op.extent_order);
    if (end > op.nr_extents)
        end = op.nr_extents;
    while (i < end) {
        if (!give_or_take(what, &op, i))
            return (long)i;
        i++;
    }
    if (i == op.nr_extents)
        return (long)i;
    call_argument(1, what | i << XENMEM_EXTENT_SHIFT);
    return call_again(__HYPERVISOR_memory_op);
}

static long exchange(uint64_t argument)
{
    bool more = false;
    long result = balloon_exchange(argument, &more);

    return result < 0 || !more ? result : call_again(__HYPERVISOR_memory_op);
}

long call_memory_op(uint64_t command, uint64_t argument)
{
    switch (command & XENMEM_CMD_MASK) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation(command, argument);
    case XENMEM_maximum_ram_page:
        return (long)frame_count - 1;
    case XENMEM_current_reservation:
        return pages(argument, domain.pages);
    case XENMEM_maximum_reservation:
        return pages(argument, balloon_most());
    case XENMEM_machphys_mfn_list:
        return machphys_list(argument);
    case XENMEM_memory_map:
        return -XEN_ENOSYS; /* a dom0 has none but the machine's */
    case XENMEM_machine_memory_map:
        return machine_map(argument);
    case XENMEM_machphys_mapping:
        return machphys_mapping(argument);
    case XENMEM_maximum_gpfn:
        return pages(argument, domain.pages - 1);
    case XENMEM_exchange:
        return exchange(argument);
    }
    return call_unknown("memory_op", command & XENMEM_CMD_MASK);
}
