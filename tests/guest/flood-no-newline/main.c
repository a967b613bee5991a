/* SPDX-License-Identifier: MIT */
/*
 * flood-no-newline: bytes for ever, and never a newline.
 *
 * Verdict: CRASH (6), by pvlab's limit on a log or by its time-out; what
 *          pvlab holds in memory must stay bounded.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    for (;;)
        guest_text("............................................");
}
