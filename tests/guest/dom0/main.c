/* SPDX-License-Identifier: MIT */
/*
 * dom0: what a dom0 needs for devices: memory without gaps, interrupts by line
 * and by message, ports, its own grant table, the machine's CPUs.
 *
 * Verdicts: PASS of each (0) as a PV dom0 with Xen's error numbers, SKIP (3)
 * elsewhere.
 * Tried on the shim, each fails: free_find() by steps of one frame; set_m2p()
 * left out of tell(); msi_route() left out of map_message(); pci_guest_read()
 * asking the port, and end() of dev/pci.c not putting back what was there.
 */
#include <guest.h>

#if defined(__x86_64__)
#include "dom0.h"

static void run(void)
{
    if (!dom0_begin())
        return;
    dom0_memory();
    dom0_lines();
    dom0_messages();
    dom0_machine();
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
    guest_skip("dom0", "no PV domain");
    guest_end();
}
