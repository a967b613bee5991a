/* SPDX-License-Identifier: MIT */
/*
 * triple-fault: a check passes, then an exception finds no handler.
 *
 * Outside Xen PV that is a triple fault; Xen by default reboots a domain for
 * it. A PV domain has no triple fault: Xen ends it ("crashed").
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
