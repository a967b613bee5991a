/* SPDX-License-Identifier: MIT */
/*
 * What the library asks of a guest: physical memory, mapped.
 *
 * Everything below 4 GiB is mapped where it is, but in a PV domain, where that
 * holds for the domain's own memory alone.
 */
#include <pvops/host.h>

#include "start.h"

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if ((guest_boot.xen_pv && how == PVOPS_MAP_DEVICE) || (paddr + bytes) >> 32)
        return NULL;
    return (void *)(uintptr_t)paddr;
}
