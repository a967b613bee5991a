/* SPDX-License-Identifier: MIT */
/*
 * xen-driver-later: the kernel's Xen driver comes when the library has mapped
 * shared_info and owns the upcall; it takes its events from there.
 *
 * Verdict: PASS (0) in PVH and HVM domains, SKIP (3) elsewhere.
 * Tried:   the pending bits of others cleared by pvi_xen_events_take():
 *          both-work fails. xen_shared_info not told: library-tells fails.
 */
#include "xen_driver.h"

void guest_main(void)
{
    const struct pvops_resources *resources = pvops_get_resources();

    guest_begin();
    if (!has_driver("both-work"))
        goto out;
    if (!kernel_setup(NULL)) {
        guest_fail("both-work", "the library's set-up failed");
        goto out;
    }
    shared = resources->xen_shared_info;
    vcpu_info = resources->xen_vcpu_info;
    check("library-tells",
          shared && vcpu_info && resources->xen_upcall &&
              resources->xen_timer_port,
          resources->xen_timer_port);
    if (!shared || !driver_bind()) {
        guest_error("both-work", "Xen refused the driver's event");
        goto out;
    }
    both_work("both-work");
    check("its-events-are-told", others != 0, others);
out:
    guest_end();
}
