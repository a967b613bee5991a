/* SPDX-License-Identifier: MIT */
/*
 * flood: lines of text for ever, without an END line.
 *
 * Verdict: CRASH (6), by pvlab's limit on a log or by its time-out.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    for (unsigned i = 0;; i++)
        guest_text("line %u of a kernel that cannot stop talking\n", i);
}
