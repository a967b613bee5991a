/* SPDX-License-Identifier: MIT */
/*
 * Interrupts by messages: those of the chipset's disk controller, which is
 * asked for none, but has them written.
 */
#ifndef DOM0_MESSAGES_H
#define DOM0_MESSAGES_H

/* ICH9's AHCI; q35 always has it. */
enum { DISKS = 0x1f << 3 | 2, NOBODY = 0x1e << 3 };

static uint32_t config(unsigned at)
{
    outl(PCI_PORT_ADDRESS,
         PCI_ADDRESS_ENABLE | DISKS << PCI_DEVFN_SHIFT | (at & 0xfc));
    return inl(PCI_PORT_DATA) >> at % 4 * 8;
}

static unsigned message(void)
{
    unsigned at;

    if ((config(PCI_VENDOR) & 0xffff) == PCI_VENDOR_NONE)
        return 0;
    at = config(PCI_CAPABILITIES) & 0xfc;
    while (at && (config(at) & 0xff) != PCI_CAPABILITY_MSI)
        at = config(at + 1) & 0xfc;
    return at;
}

static long map_message(unsigned devfn, int *out_pirq)
{
    struct physdev_map_pirq op = {
        .domid = DOMID_SELF,
        .type = MAP_PIRQ_TYPE_MSI_SEG,
        .index = -1,
        .pirq = -1,
        .devfn = (int)devfn,
    };
    long result = physdev(PHYSDEVOP_map_pirq, &op);

    *out_pirq = op.pirq;
    return result;
}

static bool written(unsigned at)
{
    uint32_t address = config(at + MSI_ADDRESS_LOW);
    bool wide = config(at + MSI_CONTROL) & MSI_CONTROL_64;
    uint32_t data = config(at + (wide ? MSI_DATA_64 : MSI_DATA_32)) & 0xff;

    if ((address & 0xfff00000) == MSI_ADDRESS && data >= 0x20)
        return true;
    guest_fail("dom0", "the message is %x to %x", data, address);
    return false;
}

static bool is_known(void)
{
    struct physdev_pci_device device = { .devfn = DISKS };

    /* Xen has no message of a device of which it was not told. */
    return is("pci_device_add", physdev(PHYSDEVOP_pci_device_add, &device), 0);
}

static inline void dom0_messages(void)
{
    struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF };
    struct evtchn_bind_pirq bind = { .flags = 0 };
    struct evtchn_port close;
    unsigned at = message();
    uint32_t mark = PCI_ADDRESS_ENABLE | 0x12340;
    int pirq;

    if (!at) {
        guest_skip("messages", "the machine is no q35");
        return;
    }
    if (!is_known() ||
        !is("a message of nobody", map_message(NOBODY, &pirq), -XEN_ENODEV))
        return;
    outl(PCI_PORT_ADDRESS, mark);
    if (!is("map_pirq of a message", map_message(DISKS, &pirq), 0) ||
        !is("PCI's address, which is the guest's",
            inl(PCI_PORT_ADDRESS) == mark, true) ||
        !written(at))
        return;
    bind.pirq = (uint32_t)pirq;
    if (!is("bind_pirq of a message", event(EVTCHNOP_bind_pirq, &bind), 0))
        return;
    close.port = bind.port;
    unmap.pirq = pirq;
    if (is("close", event(EVTCHNOP_close, &close), 0) &&
        is("unmap_pirq", physdev(PHYSDEVOP_unmap_pirq, &unmap), 0) &&
        is("unmap_pirq again", physdev(PHYSDEVOP_unmap_pirq, &unmap),
           -XEN_EINVAL))
        guest_pass("messages");
}

#endif /* DOM0_MESSAGES_H */
