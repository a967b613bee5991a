/* SPDX-License-Identifier: MIT */
/*
 * The page of hypercalls: 32 bytes for each.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/hypercall.c, pv_ring3_init_hypercall_page().
 */
#include "abi/xen.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "layout.h"

#include <string.h>

enum { STUB_BYTES = 32, NUMBER_AT = 4 };

/* push %rcx; push %r11; mov $0, %eax; syscall; pop %r11; pop %rcx; ret */
static const uint8_t stub[] = { 0x51, 0x41, 0x53, 0xb8, 0,    0,    0,
                                0,    0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };
/* push %rcx; push %r11; push %rax; mov $23, %eax; syscall */
static const uint8_t iret[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 0x17,
                                0,    0,    0,    0x0f, 0x05 };

_Static_assert(__HYPERVISOR_iret == 0x17, "iret");

/* What is no stub traps. */
void hypercall_page_fill(uint8_t *page)
{
    memset(page, 0xcc, PAGE_BYTES);
    for (unsigned i = 0; i < HYPERCALLS; i++) {
        uint8_t *at = page + i * STUB_BYTES;

        memcpy(at, stub, sizeof(stub));
        at[NUMBER_AT] = (uint8_t)i;
    }
    memcpy(page + __HYPERVISOR_iret * STUB_BYTES, iret, sizeof(iret));
}
