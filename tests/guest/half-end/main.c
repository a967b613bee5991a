/* SPDX-License-Identifier: MIT */
/*
 * half-end: the END line breaks off in the middle, then power-off.
 *
 * Verdict: CRASH (6): a line without its newline is no line.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("PVLAB END passed=1 fai");
}
