/* SPDX-License-Identifier: MIT */
/*
 * no-check: an END line and not a single check.
 *
 * Verdict: ERROR (4): nothing was tested.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_end();
}
