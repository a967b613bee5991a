/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The first bytes of a ROM: VMI's header, the profile's, the entry points,
 * the structures and strings of the description (ROM_DESCRIPTION).
 *
 * mkrom fills what is counted over the whole image: both lengths and the two
 * checksums.
 *
 * Source: docs/vmi64.md; the structures: src/abi/vmi.h.
 */
#include ROM_DESCRIPTION

#include "rom/x86_64/config.h"

/* Not in the assembler's words. */
#ifndef ROM_BACKEND
#error "the description lacks ROM_BACKEND"
#endif
#ifndef ROM_PLATFORM
#error "the description lacks ROM_PLATFORM"
#endif
#ifndef ROM_MANUFACTURER
#error "the description lacks ROM_MANUFACTURER"
#endif
#ifndef ROM_PRODUCT
#error "the description lacks ROM_PRODUCT"
#endif
#ifndef ROM_VERSION_MAJOR
#error "the description lacks ROM_VERSION_MAJOR"
#endif
#ifndef ROM_VERSION_MINOR
#error "the description lacks ROM_VERSION_MINOR"
#endif
#ifndef ROM_LICENCE
#error "the description lacks ROM_LICENCE"
#endif
#ifndef ROM_CALLS
#error "the description lacks ROM_CALLS"
#endif

#ifndef ROM_PARTIAL
#define ROM_PARTIAL 0
#endif
#ifndef ROM_XEN_PV
#define ROM_XEN_PV 0
#endif

/* Offsets in the image of what is behind the four bytes, at 'rest'. */
#define AT(symbol) symbol - rest + 0x94

    .section .rom.header, "ax", @progbits
    .byte 0x55, 0xaa, 0
    .byte 0xcb, 0, 0, 0 /* far return */
    .byte 0
    .ascii "cVmi"
    .byte 0, 64 /* API 64.0 */
    .byte 0, 0
    .long 0
    .word 0
    .word AT(licence)
    .word AT(pci)
    .word AT(pnp)
    .org 0x80
    jmp rom_init
    .org 0x88
    jmp rom_get_relocation
    .org 0x90

    /* Four bytes are between: rom.lds knows how much state there is. */
    .section .rom.header64, "ax", @progbits
rest:
#if ROM_PARTIAL
    .long 0, 0
    .byte 0, 0, 0, 0
#else
    .long ROM_CPU_BYTES, PVOPS_CPU_OFFSET
    .byte ROM_CPU_SEGMENT, 0, 0, 0
#endif
    .long (1 - ROM_PARTIAL) | ROM_XEN_PV << 1
    .word AT(platform)
    .org 0xc0 - 0x94

pci:
    .ascii "PCIR"
    .word 0x15ad, 0x0801 /* VMware's VMI ROM, which every kernel looks for */
    .word 0
    .word 0x18
    .byte 0
    .byte 0, 0, 0xff /* class: none of the others */
    .word 0
    .byte ROM_VERSION_MINOR, ROM_VERSION_MAJOR
    .byte 0, 0x80
    .word 0
pnp:
    .ascii "$PnP"
    .byte 1, 2
    .word 0
    .byte 0, 0
    .long 0
    .word AT(manufacturer)
    .word AT(product)
    .byte 0, 0, 0
    .byte 0
    .word 0, 0, 0, 0, 0

manufacturer:
    .asciz ROM_MANUFACTURER
product:
    .asciz ROM_PRODUCT
licence:
    .asciz ROM_LICENCE
platform:
    .asciz ROM_PLATFORM

    .section .note.GNU-stack, "", @progbits
