/* SPDX-License-Identifier: MIT */
/*
 * pass: one check that passes.
 *
 * Verdict: PASS (0).
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("boot");
    guest_end();
}
