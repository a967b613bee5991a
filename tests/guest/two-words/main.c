/* SPDX-License-Identifier: MIT */
/*
 * two-words: verdicts behind other text on their line, which do not count.
 *
 * Verdict: PASS (0), passed=1: if one of them counted, END would differ or a
 *          check would have failed.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_text("foo PVLAB PASS glued\n");
    guest_text("foo PVLAB FAIL glued to other text\n");
    guest_text(" PVLAB FAIL indented\n");
    guest_text("PVLABFAIL run together\n");
    guest_pass("first");
    guest_end();
}
