/* SPDX-License-Identifier: MIT */
/*
 * fail: one check passes, one fails with a reason.
 *
 * Verdict: FAIL (5), passed=1 failed=1.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_fail("second", "expected %u, got %u", 2u, 3u);
    guest_end();
}
