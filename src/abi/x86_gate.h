/* SPDX-License-Identifier: MIT */
/*
 * Gates of the IDT and descriptors of the GDT, x86-64. Facts only.
 *
 * Source: Intel SDM volume 3A, 3.4.5 (segment descriptors), 3.5 (system
 *         descriptors), 6.14.1 (64-bit gates).
 */
#ifndef ABI_X86_GATE_H
#define ABI_X86_GATE_H

#include "abi/abi.h"

struct x86_gate {
    uint16_t offset_0;
    uint16_t selector;
    uint8_t ist;  /* bits 0 to 2 */
    uint8_t type; /* X86_GATE_* */
    uint16_t offset_16;
    uint32_t offset_32;
    uint32_t reserved;
};

ABI_OFFSET(struct x86_gate, type, 5);
ABI_OFFSET(struct x86_gate, offset_32, 8);
ABI_SIZE(struct x86_gate, 16);

#define X86_GATE_IST         7u    /* of 'ist' */
#define X86_GATE_TYPE        0x1fu /* of 'type': with bit 4, not system: 0 */
#define X86_GATE_INTERRUPT   0x0eu
#define X86_GATE_TRAP        0x0fu
#define X86_GATE_DPL_SHIFT   5
#define X86_GATE_PRESENT_BIT 7
#define X86_GATE_PRESENT     (1u << X86_GATE_PRESENT_BIT)

/* A descriptor of the GDT as a number of 64 bits; two for a system segment. */
#define X86_DESCRIPTOR_PRESENT_BIT 47
#define X86_DESCRIPTOR_PRESENT     (1ull << X86_DESCRIPTOR_PRESENT_BIT)
#define X86_DESCRIPTOR_CODE_DATA   (1ull << 44) /* clear: system segment */
#define X86_DESCRIPTOR_TYPE_SHIFT  40
#define X86_DESCRIPTOR_TYPE        15u
#define X86_TYPE_LDT               2u
#define X86_TYPE_TSS_AVAILABLE     9u
#define X86_TYPE_TSS_BUSY          11u

/* Page-table entries. */
#define X86_PTE_PRESENT_BIT 0
#define X86_PTE_PRESENT     (1ull << X86_PTE_PRESENT_BIT)
#define X86_PTE_WRITE_BIT   1
#define X86_PTE_WRITE       (1ull << X86_PTE_WRITE_BIT)
#define X86_PTE_USER        (1ull << 2)
#define X86_PTE_ACCESSED    (1ull << 5)
#define X86_PTE_DIRTY       (1ull << 6)
#define X86_PTE_LARGE       (1ull << 7) /* above level 1 */
#define X86_PTE_GLOBAL      (1ull << 8)
#define X86_PTE_ADDRESS     0x000ffffffffff000ull

#endif /* ABI_X86_GATE_H */
