/* SPDX-License-Identifier: MIT */
/*
 * skip: the only check cannot run, and says why.
 *
 * Verdict: SKIP (3), skipped=1.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_skip("feature", "this machine has no such feature");
    guest_end();
}
