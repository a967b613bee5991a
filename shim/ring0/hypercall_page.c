/* SPDX-License-Identifier: MIT */
/*
 * The page of hypercalls, as Xen's, with a CALL where Xen has SYSCALL.
 */
#include "abi/xen.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "layout.h"

#include <string.h>

enum { STUB_BYTES = 32, NUMBER_AT = 4, TARGET_AT = 10, IRET_TARGET_AT = 11 };

/*
 * push %rcx; push %r11; mov $0, %eax; movabs $0, %r11; call *%r11; pop %r11;
 * pop %rcx; ret
 */
static const uint8_t stub[] = { 0x51, 0x41, 0x53, 0xb8, 0,    0,    0,
                                0,    0x49, 0xbb, 0,    0,    0,    0,
                                0,    0,    0,    0,    0x41, 0xff, 0xd3,
                                0x41, 0x5b, 0x59, 0xc3 };
/* push %rcx; push %r11; push %rax; mov $23, %eax; movabs $0, %r11; call *%r11
 */
static const uint8_t iret[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 0x17, 0, 0,
                                0,    0x49, 0xbb, 0,    0,    0,    0, 0,
                                0,    0,    0,    0x41, 0xff, 0xd3 };

_Static_assert(__HYPERVISOR_iret == 0x17, "iret");
_Static_assert(sizeof(stub) <= STUB_BYTES, "stub");

extern const uint8_t hypercall_entry[];

/* What is no stub traps. */
void hypercall_page_fill(uint8_t *page)
{
    uint64_t target = (uintptr_t)hypercall_entry;
    uint8_t *at = page;

    memset(page, 0xcc, PAGE_BYTES);
    for (unsigned i = 0; i < HYPERCALLS; i++, at += STUB_BYTES) {
        memcpy(at, stub, sizeof(stub));
        at[NUMBER_AT] = (uint8_t)i;
        memcpy(at + TARGET_AT, &target, sizeof(target));
    }
    at = page + __HYPERVISOR_iret * STUB_BYTES;
    memcpy(at, iret, sizeof(iret));
    memcpy(at + IRET_TARGET_AT, &target, sizeof(target));
}
