/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The library's host functions: the kernel's own, which Init was told of.
 */
#include "rom/x86_64/rom.h"

#include <x86/insn.h>

void pvops_host_log(enum pvops_log_level level, const char *line)
{
    ((rom_log *)(uintptr_t)rom.init.log)(level, line);
}

void pvops_host_panic(const char *why)
{
    ((rom_panic *)(uintptr_t)rom.init.panic)(why);
    for (;;)
        x86_pause();
}

pvops_paddr pvops_host_paddr(const void *va)
{
    return ((rom_paddr *)(uintptr_t)rom.init.paddr)(va);
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    return ((rom_map *)(uintptr_t)rom.init.map)(paddr, bytes, how);
}

void *pvops_host_va(pvops_paddr paddr)
{
    return ((rom_va *)(uintptr_t)rom.init.va)(paddr);
}

/* The kernel seals its own sites; the ROM has none. */
void *pvops_host_text(const void *text, size_t bytes)
{
    (void)text;
    (void)bytes;
    return NULL;
}
