/* SPDX-License-Identifier: MIT */
/*
 * What Xen, or its tools, hand over to a PV domain.
 */
#include "start.h"

#ifdef __x86_64__

bool boot_read_xen_pv(uintptr_t info)
{
    const struct start_info *start = (const void *)info;
    const char *magic = "xen-";

    for (unsigned i = 0; magic[i]; i++) {
        if (start->magic[i] != magic[i])
            return false;
    }
    boot_private.xen_start_info = start;
    guest_boot.cmdline = start->cmd_line;
    boot_add_memory(start->nr_pages << 12);

    /* Not asked for by our notes, so the module is mapped and a single one. */
    if (start->mod_len &&
        !(start->flags & (SIF_MOD_START_PFN | SIF_MULTIBOOT_MOD)))
        boot_add_module(start->mod_start, start->mod_len);
    return true;
}

#else

/* Xen PV enters only the 64-bit image. */
bool boot_read_xen_pv(uintptr_t info)
{
    (void)info;
    return false;
}

#endif
