/* SPDX-License-Identifier: MIT */
/*
 * pv-rules: what Xen 4.17 says to a PV dom0, and what becomes of it: numbers of
 * errors, how much of a list is done, entries of page tables that no guest may
 * have, memory given back and taken again, another VCPU taken down. The same on
 * Xen and on the shim.
 *
 * Verdicts: PASS of each (0) as a PV dom0; of "cpus" SKIP with one CPU; SKIP
 * (3) elsewhere.
 */
#include <guest.h>

#if defined(__x86_64__)
#include "rules.h"

static void run(void)
{
    if (!(boot_private.xen_start_info->flags & SIF_INITDOMAIN)) {
        guest_skip("pv-rules", "no dom0");
        return;
    }
    rules_p2m();
    rules_numbers();
    rules_tables();
    rules_lists();
    rules_balloon();
    rules_events();
    rules_cpus();
}
#endif

void guest_main(void)
{
    guest_begin();
#if defined(__x86_64__)
    if (guest_boot.xen_pv) {
        run();
        guest_end();
        return;
    }
#endif
    guest_skip("pv-rules", "no PV domain");
    guest_end();
}
