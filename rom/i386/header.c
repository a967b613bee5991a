/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The first bytes of an i386 ROM: header, PCI and PnP structures, strings, made
 * from its description. rom/mkrom fills in what depends on the length.
 */
#include "abi/vmi.h"
#include "rom_abi.h"

#define ROM_CALL(call, type, routine)
#define ROM_CALL_IF_READY(call, type, routine)
#include ROM_DEF

/* JMP rel32, or rel16 in 16-bit code, as bytes. */
#define JUMP_32(from, to)                                                      \
    {                                                                          \
        0xe9, ((to) - (from)-5) & 255, ((to) - (from)-5) >> 8 & 255, 0, 0,     \
    }
#define JUMP_16(from, to)                                                      \
    {                                                                          \
        0xe9, ((to) - (from)-3) & 255, ((to) - (from)-3) >> 8 & 255,           \
    }
#define FAR_RETURN                                                             \
    {                                                                          \
        0xcb                                                                   \
    }

/* calls.S has these by name. */
_Static_assert(VMI_RELOCATION_NONE == 0 && VMI_RELOCATION_CALL_REL == 1 &&
                   VMI_RELOCATION_JUMP_REL == 2 && VMI_RELOCATION_NOP == 3,
               "calls.S has other relocation types");

enum {
    INIT = offsetof(struct vmi_header, init),
    GET_RELOCATION = offsetof(struct vmi_header, get_relocation),
    STUB = offsetof(struct vmi_header, stub),
    LAST_IMAGE = 0x80,
    PCI_OTHER_PERIPHERAL = 0x80, /* of base class 8 */
    PCI_SYSTEM = 0x08,
};

struct head {
    struct vmi_header header;
    struct vmi_pci pci;
    uint64_t aligned;
    struct vmi_pnp pnp;
    char licence[sizeof(ROM_LICENCE)];
    char manufacturer[sizeof(ROM_MANUFACTURER)];
    char product[sizeof(ROM_PRODUCT)];
};

/* The PnP specification wants its header at a multiple of 16. */
ABI_OFFSET(struct head, pci, 0x90);
ABI_OFFSET(struct head, pnp, 0xb0);
_Static_assert(sizeof(struct head) <= ROM_ENTRY_INIT,
               "the strings are too long: 48 bytes for all");

extern const struct head rom_header;

__attribute__((section(".rom.header"), used)) const struct head rom_header = {
    .header = {
        .rom_signature = VMI_ROM_SIGNATURE,
#if ROM_STATE
        .stub = JUMP_16(STUB, ROM_ENTRY_POST),
#else
        .stub = FAR_RETURN,
#endif
        .vmi_signature = VMI_SIGNATURE,
        .api_major = VMI_API_MAJOR,
        .licence = offsetof(struct head, licence),
        .pci = offsetof(struct head, pci),
        .pnp = offsetof(struct head, pnp),
        .init = JUMP_32(INIT, ROM_ENTRY_INIT),
        .get_relocation = JUMP_32(GET_RELOCATION, ROM_ENTRY_GET_RELOCATION),
    },
    /*
     * Vendor and device are VMware's, who defined them as "a VMI ROM": Linux
     * takes a ROM with others, but warns of an "unknown manufacturer". Whose
     * ROM this is is said by the manufacturer's string, which Linux prints.
     */
    .pci = {
        .signature = "PCIR",
        .vendor = VMI_VENDOR,
        .device = VMI_DEVICE,
        .bytes = sizeof(struct vmi_pci),
        .class_code = { 0, PCI_OTHER_PERIPHERAL, PCI_SYSTEM },
        .rom_minor = ROM_VERSION_MINOR,
        .rom_major = ROM_VERSION_MAJOR,
        .indicator = LAST_IMAGE,
    },
    /* By this the firmware calls 03h in POST and boots nothing from here. */
    .pnp = {
        .signature = "$PnP",
        .revision = 1,
        .length = sizeof(struct vmi_pnp) / 16,
        .manufacturer = offsetof(struct head, manufacturer),
        .product = offsetof(struct head, product),
    },
    .licence = ROM_LICENCE,
    .manufacturer = ROM_MANUFACTURER,
    .product = ROM_PRODUCT,
};
