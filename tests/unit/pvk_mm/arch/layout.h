/* SPDX-License-Identifier: MIT */
/*
 * In place of pvk's: the direct map is the model's memory.
 */
#ifndef PVK_ARCH_LAYOUT_H
#define PVK_ARCH_LAYOUT_H

#include <stdint.h>

#include <pvops/types.h>

#define LAYOUT_DIRECT_END 0x04000000

extern uint8_t *model_memory;

static inline void *layout_va(pvops_paddr paddr)
{
    return model_memory + paddr;
}

static inline pvops_paddr layout_paddr(const void *va)
{
    return (pvops_paddr)((const uint8_t *)va - model_memory);
}

#endif /* PVK_ARCH_LAYOUT_H */
