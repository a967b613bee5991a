/* SPDX-License-Identifier: MIT */
/*
 * All that libpvops asks of pvk: one function each, and nothing hidden.
 */
#include <pvops/host.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/window.h"
#include "checks/poison.h"
#include "core/log.h"
#include "core/rom.h"

void pvops_host_log(enum pvops_log_level level, const char *line)
{
    if (level <= PVOPS_LOG_INFO)
        log_plain("%s", line);
}

void pvops_host_panic(const char *why)
{
    poison_caught(why);
    panic("%s", why);
}

/* Before paging_setup() it is asked for what is in the image alone. */
pvops_paddr pvops_host_paddr(const void *va)
{
    pvops_paddr paddr = layout_paddr(va);

    if (paddr < LAYOUT_DIRECT_END || !paging_is_set_up())
        return paddr;
    if (!paging_translate((uintptr_t)va, &paddr))
        panic("libpvops asks for %p, where nothing is mapped", va);
    return paddr;
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    return window_map(paddr, bytes, how);
}

/* Xen's builder maps what it made, page tables too, as a direct map. */
void *pvops_host_va(pvops_paddr paddr)
{
    return layout_va(paddr);
}

void *pvops_host_text(const void *text, size_t bytes)
{
    return window_text(text, bytes);
}

/* A ROM is wanted unless the command line says rom=no; core/rom.c. */
bool pvops_host_rom(const struct pvops_rom *rom)
{
    return rom_allowed(rom);
}
