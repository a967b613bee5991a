/* SPDX-License-Identifier: MIT */
/*
 * half-end-hang: the END line breaks off in the middle, then silence.
 *
 * Verdict: CRASH (6), by pvlab's time-out; under Xen see hang.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("PVLAB END passed=1 fai");
    guest_hang();
}
