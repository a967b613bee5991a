/* SPDX-License-Identifier: MIT */
/*
 * What the doors have in common: sums of memory, lists of modules.
 */
#include "start.h"

static uint64_t memory_bytes;

void boot_add_memory(uint64_t bytes)
{
    memory_bytes += bytes;
    guest_boot.memory_mib = (unsigned)((memory_bytes + 0xfffff) >> 20);
}

void boot_add_module(uint64_t address, uint64_t size)
{
    if (guest_boot.module_count == GUEST_MAX_MODULES ||
        (!guest_boot.xen_pv && address + size > UINT64_C(0x100000000)))
        return;
    guest_boot.modules[guest_boot.module_count++] = (struct guest_module){
        .bytes = (const uint8_t *)(uintptr_t)address,
        .size = (size_t)size,
    };
}
