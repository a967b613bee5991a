/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: the image of an i386 ROM and what its two entry points answer.
 * Facts only. The 64-bit profile has the same header: vmi64.h.
 *
 * Source: Linux 2.6.21 to 2.6.36, include/asm-i386/vmi.h (header, relocation
 *         types, page flags) and vmi_time.h (time), arch/x86/kernel/vmi_32.c
 *         (what is checked, in which order, and what 80h and 88h are called
 *         with); the "Paravirtualization API Version 2.0" posted to LKML on
 *         2006-03-13, part 4 (checksum, alignment); PCI Firmware Specification
 *         3.0, 5.1 (PCI data structure); Plug and Play BIOS Specification 1.0A,
 *         3.2 (expansion header).
 */
#ifndef ABI_VMI_H
#define ABI_VMI_H

#include "abi/abi.h"

/* Physical places in which a ROM can begin: each VMI_ROM_STEP bytes. */
#define VMI_ROM_FIRST 0xc0000u
#define VMI_ROM_END   0xe0000u
#define VMI_ROM_STEP  2048u

#define VMI_ROM_SIGNATURE 0xaa55u
#define VMI_SIGNATURE     0x696d5663u /* "cVmi" */
#define VMI_API_MAJOR     3
#define VMI_BLOCK_BYTES   512u /* unit of 'blocks' */
#define VMI_VENDOR        0x15adu
#define VMI_DEVICE        0x0801u

/*
 * The first bytes of an image; all offsets are from its first byte, 0: none.
 * 80h and 88h are code, not pointers: VMI_Init and GetRelocationInfo.
 */
struct vmi_header {
    uint16_t rom_signature;
    uint8_t blocks;  /* length of the image */
    uint8_t stub[4]; /* entered by the BIOS, 16 bits: far return */
    uint8_t pad;
    uint32_t vmi_signature;
    uint8_t api_minor;
    uint8_t api_major;
    uint8_t jump_slots;
    uint8_t reserved_0f;
    uint32_t virtual_top; /* hole from here to 4 GiB; 0: none */
    uint16_t reserved_14;
    uint16_t licence; /* "GPL" or "GPL v2", or Linux takes it not */
    uint16_t pci;     /* struct vmi_pci; not 0 */
    uint16_t pnp;     /* struct vmi_pnp */
    uint32_t reserved_1c;
    uint8_t reserved_20[96];
    uint8_t init[8];
    uint8_t get_relocation[8];
};
ABI_SIZE(struct vmi_header, 0x90);
ABI_OFFSET(struct vmi_header, virtual_top, 0x10);
ABI_OFFSET(struct vmi_header, licence, 0x16);
ABI_OFFSET(struct vmi_header, init, 0x80);
ABI_OFFSET(struct vmi_header, get_relocation, 0x88);

struct vmi_pci {
    uint8_t signature[4]; /* "PCIR" */
    uint16_t vendor;
    uint16_t device;
    uint16_t vpd;
    uint16_t bytes;
    uint8_t revision;
    uint8_t class_code[3];
    uint16_t blocks;
    uint8_t rom_minor; /* the ROM's own version */
    uint8_t rom_major;
    uint8_t code_type;
    uint8_t indicator; /* 80h: the last image */
    uint16_t reserved;
};
ABI_SIZE(struct vmi_pci, 0x18);
ABI_OFFSET(struct vmi_pci, rom_minor, 0x12);

struct vmi_pnp {
    uint8_t signature[4]; /* "$PnP" */
    uint8_t revision;
    uint8_t length; /* in units of 16 bytes */
    uint16_t next;
    uint8_t reserved;
    uint8_t checksum;
    uint8_t device_id[4];
    uint16_t manufacturer; /* strings */
    uint16_t product;
    uint8_t device_type[3];
    uint8_t indicators;
    uint16_t bcv, disconnect, bev; /* 0: it boots nothing */
    uint16_t reserved_1c;
    uint16_t resources;
};
ABI_SIZE(struct vmi_pnp, 0x20);
ABI_OFFSET(struct vmi_pnp, device_id, 0x0a);
ABI_OFFSET(struct vmi_pnp, manufacturer, 0x0e);
ABI_OFFSET(struct vmi_pnp, bcv, 0x16);

/*
 * GetRelocationInfo(EAX = call): EDX:EAX. The target is a linear address
 * though the names say "relative".
 */
#define VMI_RELOCATION_NONE     0
#define VMI_RELOCATION_CALL_REL 1
#define VMI_RELOCATION_JUMP_REL 2
#define VMI_RELOCATION_NOP      3

/* AllocatePage, ReleasePage: 'flags'. */
#define VMI_PAGE_PT     0x01u
#define VMI_PAGE_PD     0x02u
#define VMI_PAGE_PDP    0x04u
#define VMI_PAGE_PML4   0x08u
#define VMI_PAGE_PAE    0x10u
#define VMI_PAGE_CLONE  0x20u
#define VMI_PAGE_ZEROED 0x40u

/* SetPxE, UpdatePxE and their long forms: VMI_PAGE_PT to PML4, and: */
#define VMI_PAGE_CURRENT_AS 0x10u /* bits 12 to 31: the address it maps */
#define VMI_PAGE_DEFER      0x20u

/* FlushTLB */
#define VMI_FLUSH_TLB    1u
#define VMI_FLUSH_GLOBAL 2u

/* GetCycleCounter, and the low byte of SetAlarm's flags. */
#define VMI_CYCLES_REAL      0u
#define VMI_CYCLES_AVAILABLE 1u
#define VMI_CYCLES_STOLEN    2u
/* SetAlarm's flags; else one shot, as IRQ 0. */
#define VMI_ALARM_PERIODIC   0x100u
#define VMI_ALARM_WIRED_LVTT 0x10000u

/* SetLazyMode */
#define VMI_LAZY_NONE 0u
#define VMI_LAZY_MMU  1u
#define VMI_LAZY_CPU  2u

#endif /* ABI_VMI_H */
