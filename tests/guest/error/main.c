/* SPDX-License-Identifier: MIT */
/*
 * error: a check that finds itself wrong, beside one that passes.
 *
 * Verdict: ERROR (4), passed=1 failed=1: END counts errors as failed.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_error("second", "table of expected values is empty");
    guest_end();
}
