/* SPDX-License-Identifier: MIT */
/*
 * Sets of VCPUs as the guest gives them: a bit for each.
 */
#ifndef SHIM_CALL_MASK_H
#define SHIM_CALL_MASK_H

#include <stdbool.h>
#include <stdint.h>

#include "mm/guest.h"

/* False: it cannot be read. Xen reads as many words as there can be VCPUs. */
static inline bool mask_read(uint64_t address, uint32_t *out_set)
{
    uint64_t word;

    if (!guest_read64(address, &word))
        return false;
    *out_set = (uint32_t)word;
    return true;
}

#endif /* SHIM_CALL_MASK_H */
