/* SPDX-License-Identifier: MIT */
/*
 * wrong-end: END claims two passed checks where one was reported.
 *
 * Verdict: ERROR (4): a line was lost, or the test counts wrongly.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("PVLAB END passed=2 failed=0 skipped=0\n");
}
