/* SPDX-License-Identifier: MIT */
/*
 * after-end: a failing check is reported behind the END line.
 *
 * Verdict: ERROR (4): END was not the end.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("PVLAB END passed=1 failed=0 skipped=0\n"
               "PVLAB FAIL second found too late\n");
}
