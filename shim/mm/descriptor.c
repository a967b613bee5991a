/* SPDX-License-Identifier: MIT */
/*
 * What a descriptor may be.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/descriptor-tables.c, check_descriptor().
 *         Call gates, which it allows, are refused.
 */
#include "mm/descriptor.h"

#include "abi/x86_gate.h"
#include "abi/xen.h"
#include "layout.h"

#define DPL_3 (3ull << 45)

bool descriptor_fix(uint64_t *descriptor)
{
    uint64_t value = *descriptor;

    if (!(value & X86_DESCRIPTOR_PRESENT))
        return true;
    if (value & X86_DESCRIPTOR_CODE_DATA) {
        *descriptor = value | DPL_3;
        return true;
    }
    /* A reserved type: the second half of a system segment, for instance. */
    return !(value >> X86_DESCRIPTOR_TYPE_SHIFT & X86_DESCRIPTOR_TYPE);
}

int descriptors_check(uint64_t *page)
{
    for (unsigned i = 0; i < PAGE_BYTES / 8; i++) {
        uint64_t value = page[i];

        if (!descriptor_fix(&value))
            return -XEN_EINVAL;
        if (value != page[i])
            page[i] = value;
    }
    return 0;
}
