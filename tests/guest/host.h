/* SPDX-License-Identifier: MIT */
/*
 * The host functions of a guest around the library: all of its memory is mapped
 * where it is, and writable. Included by one file of a guest.
 */
#ifndef HOST_H
#define HOST_H

#include <guest.h>

#include <pvops/pvops.h>

void pvops_host_log(enum pvops_log_level level, const char *line)
{
    (void)level;
    guest_text("%s\n", line);
}

void pvops_host_panic(const char *why)
{
    guest_fail("panic", "%s", why);
    guest_end();
    guest_poweroff();
}

pvops_paddr pvops_host_paddr(const void *va)
{
    return (uintptr_t)va;
}

void *pvops_host_va(pvops_paddr paddr)
{
    return (void *)(uintptr_t)paddr;
}

void *pvops_host_text(const void *text, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)text;
}

bool pvops_host_rom(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}

#endif /* HOST_H */
