/* SPDX-License-Identifier: MIT */
/*
 * triple-fault: a check passes, then an exception finds no handler.
 *
 * Natively and in HVM a triple fault. Xen ends a PV domain for it ("crashed"),
 * and by default reboots a PVH domain.
 *
 * Verdict: CRASH (6), although a check passed: there is no END line.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_fault();
}
