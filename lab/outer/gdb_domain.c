/* SPDX-License-Identifier: MIT */
/*
 * From a paused domain to its first instruction.
 */
#include "outer/gdb_domain.h"

#include "qemu/gdb_stop.h"

/* Where a BIOS puts the first sector of what it boots. */
enum { BOOT_SECTOR = 0x7c00 };

static void unpause(void *context)
{
    const struct gdb_domain *domain = context;

    agent_link_command(domain->link, "unpause");
}

void gdb_domain_stop(void *context)
{
    const struct gdb_domain *domain = context;
    const struct plan *plan = domain->plan;
    uint64_t entry = plan->load != LOAD_XL       ? BOOT_SECTOR
                     : plan->door == DOOR_XEN_PV ? plan->image.xen_entry
                                                 : plan->image.pvh_entry;
    char why[WHY_BYTES];

    if (gdb_stop_at(plan->options.gdb_port, entry, plan->timeout_s, unpause,
                    context, why))
        boot_say_gdb(domain->boot);
    else
        boot_error(domain->boot, "%s", why);
}
