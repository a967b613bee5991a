/* SPDX-License-Identifier: MIT */
/*
 * PCI's configuration space by ports, and in it what MSI and MSI-X need. Facts
 * only.
 *
 * Source: PCI Local Bus Specification 3.0, 3.2.2.3.2 (ports), 6.1, 6.2.5.1
 *         (base addresses), 6.7 (capabilities), 6.8 (MSI, MSI-X).
 */
#ifndef ABI_PCI_H
#define ABI_PCI_H

#define PCI_PORT_ADDRESS                                                       \
    0xcf8u /* 32 bits wide; else it is another device's                        \
            */
#define PCI_PORT_DATA      0xcfcu
#define PCI_ADDRESS_ENABLE 0x80000000u
#define PCI_BUS_SHIFT      16
#define PCI_DEVFN_SHIFT    8

#define PCI_VENDOR                  0x00u
#define PCI_VENDOR_NONE             0xffffu
#define PCI_STATUS                  0x06u
#define PCI_STATUS_CAPABILITIES_BIT 4
#define PCI_STATUS_CAPABILITIES     (1u << PCI_STATUS_CAPABILITIES_BIT)
#define PCI_BASE_ADDRESS            0x10u /* six of 32 bits */
#define PCI_BASE_ADDRESSES          6u
#define PCI_BASE_IO                 1u
#define PCI_BASE_TYPE               6u
#define PCI_BASE_TYPE_64            4u /* the next one is its high half */
#define PCI_BASE_MASK               0xfffffff0u
#define PCI_CAPABILITIES            0x34u
#define PCI_CAPABILITIES_MOST       48u /* that 256 bytes have room for */

/* A capability begins with its kind, then where the next is, or 0. */
#define PCI_CAPABILITY_MSI  0x05u
#define PCI_CAPABILITY_MSIX 0x11u

/* From its begin; data is behind the upper address, if there is one. */
#define MSI_CONTROL          2u
#define MSI_CONTROL_64_BIT   7
#define MSI_CONTROL_64       (1u << MSI_CONTROL_64_BIT)
#define MSI_CONTROL_MASK_BIT 8
#define MSI_CONTROL_MASK     (1u << MSI_CONTROL_MASK_BIT)
#define MSI_ADDRESS_LOW      4u
#define MSI_ADDRESS_HIGH     8u
#define MSI_DATA_32          8u
#define MSI_DATA_64          12u
#define MSI_MASKS_32         12u
#define MSI_MASKS_64         16u

#define MSIX_CONTROL      2u
#define MSIX_CONTROL_LAST 0x7ffu /* number of the table's last entry */
#define MSIX_TABLE        4u     /* offset; low 3 bits: base address */
#define MSIX_TABLE_BASE   7u

/* An entry of the table, in words of 32 bits. */
#define MSIX_ENTRY_BYTES  16u
#define MSIX_ENTRY_LOW    0u
#define MSIX_ENTRY_HIGH   1u
#define MSIX_ENTRY_DATA   2u
#define MSIX_ENTRY_MASKED 3u /* bit 0 */

#endif /* ABI_PCI_H */
