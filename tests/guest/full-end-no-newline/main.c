/* SPDX-License-Identifier: MIT */
/*
 * full-end-no-newline: the END line is whole but for its newline; power-off.
 *
 * Verdict: CRASH (6): "failed=0 skipped=0" might have been cut from
 *          "skipped=01".
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("PVLAB END passed=1 failed=0 skipped=0");
}
