/* SPDX-License-Identifier: MIT */
/*
 * The page that a further CPU begins in: start.S's code is copied there, and
 * smp_start.c fills in what lies at its beginning, behind a jump.
 */
#ifndef X86_START_H
#define X86_START_H

#define START_CS   0x08
#define START_DS   0x10
#define START_CS32 0x18 /* x86-64: on the way there */

#define START_FAR32     0x20
#define START_FAR64     0x28
#define START_CR4_FIRST 0x30
#define START_CR3       0x34
#define START_CR0       0x38
#define START_TICKET    0x3c
#define START_EFER      0x40
#define START_CR4       0x48
#define START_STACK     0x50
#define START_GO        0x58
#define START_GDTR      0x60
#define START_IDTR      0x68
#define START_GDT       0x70
#define START_CODE      0x90

#ifndef __ASSEMBLER__
#include "internal.h"

/* Operand of a far jump. */
struct start_far {
    uint32_t offset;
    uint16_t selector;
    uint16_t reserved;
};

struct start_page {
    uint8_t jump[START_FAR32];
    struct start_far far32, far64;
    uint32_t cr4_first; /* without what needs CR0 or 64-bit mode first */
    uint32_t cr3;
    uint32_t cr0;
    uint32_t ticket; /* what 'go' is called with */
    uint64_t efer;   /* x86-64 */
    uint64_t cr4;    /* 0: this CPU has none */
    uint64_t stack, go;
    uint16_t gdt_limit;
    uint32_t gdt_base;
    uint16_t reserved1;
    uint8_t idt[8]; /* none */
    uint64_t gdt[4];
} __attribute__((packed, aligned(8)));

#define START_OFFSET(member, at)                                               \
    _Static_assert(offsetof(struct start_page, member) == (at), #member)
START_OFFSET(far32, START_FAR32);
START_OFFSET(far64, START_FAR64);
START_OFFSET(cr4_first, START_CR4_FIRST);
START_OFFSET(cr3, START_CR3);
START_OFFSET(cr0, START_CR0);
START_OFFSET(ticket, START_TICKET);
START_OFFSET(efer, START_EFER);
START_OFFSET(cr4, START_CR4);
START_OFFSET(stack, START_STACK);
START_OFFSET(go, START_GO);
START_OFFSET(gdt_limit, START_GDTR);
START_OFFSET(idt, START_IDTR);
START_OFFSET(gdt, START_GDT);
_Static_assert(sizeof(struct start_page) == START_CODE, "code");

/* start.S: from its struct start_page to its end; data, copied. */
extern const uint8_t pvi_start_code[];
extern const uint32_t pvi_start_code_bytes;
/* In it, from its beginning: the targets of the two far jumps. */
extern const uint32_t pvi_start_far32;
extern const uint32_t pvi_start_far64;
#endif

#endif /* X86_START_H */
