/* SPDX-License-Identifier: MIT */
/*
 * Messages, where devices keep them: in their configuration space, or in a
 * table in their memory.
 */
#include "dev/msi.h"

#include "abi/ioapic.h"
#include "abi/pci.h"
#include "abi/xen.h"
#include "boot/map.h"
#include "dev/pci.h"
#include "layout.h"

#include <stddef.h>

#include <x86/insn.h>

/* Pages of tables that can be seen; each is mapped with the next. */
enum { TABLES_MOST = 96 };

static struct {
    uint64_t machine;
    uint8_t *at;
} tables[TABLES_MOST];
static unsigned table_count;

static unsigned find_capability(uint32_t device, unsigned kind)
{
    unsigned at;

    if (!(pci_read(device, PCI_STATUS, 2) & PCI_STATUS_CAPABILITIES))
        return 0;
    at = pci_read(device, PCI_CAPABILITIES, 1);
    for (unsigned i = 0; at && i < PCI_CAPABILITIES_MOST; i++) {
        at &= 0xfc;
        if (pci_read(device, at, 1) == kind)
            return at;
        at = pci_read(device, at + 1, 1);
    }
    return 0;
}

/* A machine address; 0: it has no memory there. */
static uint64_t base_address(uint32_t device, unsigned number)
{
    unsigned at = PCI_BASE_ADDRESS + 4 * number;
    uint32_t low;
    uint64_t high = 0;

    if (number >= PCI_BASE_ADDRESSES)
        return 0;
    low = pci_read(device, at, 4);
    if (low & PCI_BASE_IO)
        return 0;
    if ((low & PCI_BASE_TYPE) == PCI_BASE_TYPE_64 &&
        number + 1 < PCI_BASE_ADDRESSES)
        high = pci_read(device, at + 4, 4);
    return high << 32 | (low & PCI_BASE_MASK);
}

static uint8_t *see(uint64_t machine)
{
    uint64_t page = machine & ~(uint64_t)(PAGE_BYTES - 1);
    unsigned i;

    for (i = 0; i < table_count; i++) {
        if (tables[i].machine == page)
            return tables[i].at + (machine - page);
    }
    if (i == TABLES_MOST)
        return NULL;
    tables[i].machine = page;
    tables[i].at = map_device(page, 2 * PAGE_BYTES);
    table_count++;
    return tables[i].at + (machine - page);
}

static int find_entry(struct msi *msi, unsigned number)
{
    uint32_t table = pci_read(msi->device, msi->capability + MSIX_TABLE, 4);
    uint64_t base = base_address(msi->device, table & MSIX_TABLE_BASE);

    if (number > (pci_read(msi->device, msi->capability + MSIX_CONTROL, 2) &
                  MSIX_CONTROL_LAST))
        return -XEN_EINVAL;
    if (!base)
        return -XEN_ENXIO;
    msi->entry = see(base + (table & ~MSIX_TABLE_BASE) +
                     (uint64_t)number * MSIX_ENTRY_BYTES);
    return msi->entry ? 0 : -XEN_ENOMEM;
}

int msi_find(unsigned bus, unsigned devfn, bool msix, unsigned number,
             struct msi *out)
{
    uint32_t device = pci_device(bus, devfn);

    *out = (struct msi){ .device = device };
    if (pci_read(device, PCI_VENDOR, 2) == PCI_VENDOR_NONE)
        return -XEN_ENODEV;
    out->capability = (uint16_t)find_capability(
        device, msix ? PCI_CAPABILITY_MSIX : PCI_CAPABILITY_MSI);
    if (!out->capability)
        return -XEN_ENODEV;
    return msix ? find_entry(out, number) : 0;
}

static uint32_t message_address(uint32_t apic_id)
{
    return MSI_ADDRESS | apic_id << MSI_CPU_SHIFT;
}

static void write_entry(const struct msi *msi, unsigned word, uint32_t value)
{
    x86_write32(msi->entry + 4 * word, value);
}

void msi_route(const struct msi *msi, uint8_t vector, uint32_t apic_id)
{
    unsigned at = msi->capability;

    if (msi->entry) {
        write_entry(msi, MSIX_ENTRY_LOW, message_address(apic_id));
        write_entry(msi, MSIX_ENTRY_HIGH, 0);
        write_entry(msi, MSIX_ENTRY_DATA, vector);
        return;
    }
    pci_write(msi->device, at + MSI_ADDRESS_LOW, 4, message_address(apic_id));
    if (pci_read(msi->device, at + MSI_CONTROL, 2) & MSI_CONTROL_64) {
        pci_write(msi->device, at + MSI_ADDRESS_HIGH, 4, 0);
        pci_write(msi->device, at + MSI_DATA_64, 2, vector);
    } else {
        pci_write(msi->device, at + MSI_DATA_32, 2, vector);
    }
}

/* One word, so that no message has one half of each. */
void msi_move(const struct msi *msi, uint32_t apic_id)
{
    if (msi->entry)
        write_entry(msi, MSIX_ENTRY_LOW, message_address(apic_id));
    else
        pci_write(msi->device, msi->capability + MSI_ADDRESS_LOW, 4,
                  message_address(apic_id));
}

void msi_mask(const struct msi *msi, bool masked)
{
    uint32_t control;

    if (msi->entry) {
        write_entry(msi, MSIX_ENTRY_MASKED, masked);
        return;
    }
    control = pci_read(msi->device, msi->capability + MSI_CONTROL, 2);
    if (control & MSI_CONTROL_MASK)
        pci_write(msi->device,
                  msi->capability +
                      (control & MSI_CONTROL_64 ? MSI_MASKS_64 : MSI_MASKS_32),
                  4, masked);
}
