/* SPDX-License-Identifier: MIT */
/*
 * pv-rules: what Xen 4.17 says to a PV dom0, and what becomes of it: numbers of
 * errors, how much of a list is done, entries of page tables that no guest may
 * have, memory given back and taken again, another VCPU taken down. The same on
 * Xen and on the shim.
 *
 * Verdicts: PASS of each (0) as a PV dom0; of "cpus" SKIP with one CPU; SKIP
 * (3) elsewhere. With "last" on its command line CRASH (6): it takes its only
 * VCPU down, and the machine goes off.
 * Tried on the shim, each fails: a list without a bound (no event comes); a
 * part that does not count on in *done, or begins again; an entry of a list of
 * calls that is not written for the rest; VCPUOP_down that ends such a list, or
 * that does not tell the other CPU; a timer's period that only its fields know;
 * -EEXIST left out of vcpu_set_context(); MOST_PERIOD_NS; the I/O APIC not
 * kept; set_m2p() left out of balloon_give().
 */
#include <guest.h>

#if defined(__x86_64__)
#include "rules.h"

static bool asked_for(const char *word)
{
    const char *at = guest_boot.cmdline;

    while (*word && *at == *word) {
        at++;
        word++;
    }
    return !*word;
}

static void run(void)
{
    /* Nobody could bring it up again: the machine goes off. */
    if (asked_for("last")) {
        guest_pass("begun");
        guest_fail("last", "down returned %d",
                   (int)vcpu_op(VCPUOP_down, 0, NULL));
        return;
    }
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
