/* SPDX-License-Identifier: MIT */
/*
 * A Xen domain that was built and not yet let go, for gdb. Xen offers no stub
 * of its own: the outer QEMU's sees all the machine.
 */
#ifndef LAB_OUTER_GDB_DOMAIN_H
#define LAB_OUTER_GDB_DOMAIN_H

#include "boot/boot.h"
#include "outer/agent_link.h"
#include "plan/plan.h"

struct gdb_domain {
    struct agent_link *link;
    struct boot *boot;
    const struct plan *plan;
};

/*
 * For boot_on_started(), with a struct gdb_domain: let the domain go, stop the
 * machine where it begins, and say that gdb can come.
 *
 * Errors: boot_error() with a sentence.
 */
void gdb_domain_stop(void *context);

#endif /* LAB_OUTER_GDB_DOMAIN_H */
