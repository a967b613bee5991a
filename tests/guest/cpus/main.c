/* SPDX-License-Identifier: MIT */
/*
 * cpus: prints how many CPUs the machine has: PVLAB INFO cpus=N.
 *
 * Verdict: PASS (0), SKIP (3) where neither Xen nor ACPI tells.
 */
#include <guest.h>

void guest_main(void)
{
    unsigned cpus = guest_cpu_count();

    guest_begin();
    if (cpus) {
        guest_text("PVLAB INFO cpus=%u\n", cpus);
        guest_pass("cpus");
    } else {
        guest_skip("cpus", "neither Xen nor ACPI tells");
    }
    guest_end();
}
