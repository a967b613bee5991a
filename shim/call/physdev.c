/* SPDX-License-Identifier: MIT */
/*
 * physdev_op: ports, and interrupts of devices, as a dom0 asks for them.
 *
 * Source: Xen 4.17 xen/arch/x86/physdev.c, irq.c, msi.c (error numbers).
 */
#include "abi/xen_physdev.h"
#include "call/calls.h"
#include "dev/ioapic.h"
#include "dev/msi.h"
#include "dev/pci.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "event/pirq.h"
#include "mm/guest.h"

enum { PORTS = 65536, NO_MESSAGE = -1 };

static long set_iopl(uint64_t argument)
{
    struct physdev_set_iopl op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.iopl > 3)
        return -XEN_EINVAL;
    vcpu_set_iopl(vcpu_this(), op.iopl);
    return 0;
}

static long set_iobitmap(uint64_t argument)
{
    struct physdev_set_iobitmap op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.nr_ports > PORTS || !guest_address_ok(op.bitmap))
        return -XEN_EINVAL;
    vcpu_this()->io_bitmap = op.bitmap;
    vcpu_this()->io_ports = op.nr_ports;
    return 0;
}

static long apic_read(uint64_t argument)
{
    struct physdev_apic op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (!ioapic_read(op.apic_physbase, op.reg, &op.value))
        return -XEN_EINVAL;
    return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

/* Vectors are the shim's: as under Xen it is one in name only. */
static long alloc_vector(uint64_t argument)
{
    struct physdev_irq op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.irq >= ioapic_gsi_end())
        return -XEN_EINVAL;
    op.vector = op.irq;
    return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long setup_gsi(uint64_t argument)
{
    struct physdev_setup_gsi op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    return pirq_set_up_line((uint32_t)op.gsi, op.triggering, op.polarity);
}

static long map_message(const struct physdev_map_pirq *op)
{
    bool msix = op->table_base;
    struct msi msi;
    int result;

    if (op->type == MAP_PIRQ_TYPE_MSI_SEG && op->bus >> 16)
        return -XEN_ENODEV;
    if (op->index != NO_MESSAGE)
        return -XEN_EINVAL;
    result = msi_find((unsigned)op->bus, (unsigned)op->devfn, msix,
                      msix ? (unsigned)op->entry_nr : 0, &msi);
    return result < 0 ? result : pirq_map_message(&msi, op->pirq);
}

static long map(uint64_t argument)
{
    struct physdev_map_pirq op;
    long number;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (!call_is_self(op.domid))
        return -XEN_ESRCH;
    switch (op.type) {
    case MAP_PIRQ_TYPE_GSI:
        number = pirq_map_line(op.index, op.pirq);
        break;
    case MAP_PIRQ_TYPE_MSI:
    case MAP_PIRQ_TYPE_MSI_SEG:
        number = map_message(&op);
        break;
    case MAP_PIRQ_TYPE_MULTI_MSI: /* interrupts are not remapped */
        return -XEN_EOPNOTSUPP;
    default:
        return -XEN_EINVAL;
    }
    if (number < 0)
        return number;
    op.pirq = (int32_t)number;
    return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long unmap(uint64_t argument)
{
    struct physdev_unmap_pirq op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (!call_is_self(op.domid))
        return -XEN_ESRCH;
    return pirq_unmap((uint32_t)op.pirq);
}

static long get_free(uint64_t argument)
{
    struct physdev_get_free_pirq op;
    int number;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.type != MAP_PIRQ_TYPE_MSI)
        return -XEN_EINVAL;
    number = pirq_reserve();
    if (number < 0)
        return number;
    op.pirq = (uint32_t)number;
    return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long eoi(uint64_t argument)
{
    struct physdev_eoi op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    return pirq_eoi(op.irq);
}

static long status_query(uint64_t argument)
{
    struct physdev_irq_status_query op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.irq >= PIRQS)
        return -XEN_EINVAL;
    op.flags = XENIRQSTAT_needs_eoi;
    return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
}

static long set_eoi_page(uint64_t argument, bool unmasks)
{
    struct physdev_pirq_eoi_gmfn op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    return pirq_set_eoi_page(op.gmfn, unmasks);
}

static long restore_msi(uint64_t argument, bool with_segment)
{
    struct physdev_pci_device op = { .seg = 0 };
    uint64_t at = argument;

    if (with_segment ? !guest_read(&op, at, sizeof(op))
                     : !guest_read(&op.bus, at, 2))
        return -XEN_EFAULT;
    if (op.seg)
        return -XEN_ENODEV;
    pirq_restore_messages(pci_device(op.bus, op.devfn));
    return 0;
}

/*
 * Xen keeps a list of devices, for domains and IOMMUs to which they can be
 * given. There are none: all devices are the guest's.
 */
static long device_known(uint64_t argument, size_t bytes)
{
    uint8_t op[sizeof(struct physdev_pci_device)];

    return guest_read(op, argument, bytes) ? 0 : -XEN_EFAULT;
}

long call_physdev_op(uint64_t command, uint64_t argument)
{
    command = (uint32_t)command;
    switch (command) {
    case PHYSDEVOP_eoi:
        return eoi(argument);
    case PHYSDEVOP_irq_status_query:
        return status_query(argument);
    case PHYSDEVOP_pirq_eoi_gmfn_v1:
    case PHYSDEVOP_pirq_eoi_gmfn_v2:
        return set_eoi_page(argument, command == PHYSDEVOP_pirq_eoi_gmfn_v1);
    case PHYSDEVOP_set_iopl:
        return set_iopl(argument);
    case PHYSDEVOP_set_iobitmap:
        return set_iobitmap(argument);
    case PHYSDEVOP_apic_read:
        return apic_read(argument);
    case PHYSDEVOP_alloc_irq_vector:
        return alloc_vector(argument);
    case PHYSDEVOP_map_pirq:
        return map(argument);
    case PHYSDEVOP_unmap_pirq:
        return unmap(argument);
    case PHYSDEVOP_get_free_pirq:
        return get_free(argument);
    case PHYSDEVOP_setup_gsi:
        return setup_gsi(argument);
    case PHYSDEVOP_restore_msi:
    case PHYSDEVOP_restore_msi_ext:
        return restore_msi(argument, command == PHYSDEVOP_restore_msi_ext);
    case PHYSDEVOP_manage_pci_add:
    case PHYSDEVOP_manage_pci_remove:
    case PHYSDEVOP_manage_pci_add_ext:
        return device_known(argument, sizeof(struct physdev_restore_msi));
    case PHYSDEVOP_pci_device_add:
    case PHYSDEVOP_pci_device_remove:
    case PHYSDEVOP_pci_mmcfg_reserved:
        return device_known(argument, sizeof(struct physdev_pci_device));
    }
    return call_unknown("physdev_op", command);
}
