/* SPDX-License-Identifier: MIT */
/*
 * hang-spin: as hang, but the CPU is kept busy.
 *
 * Verdict: CRASH (6), by pvlab's time-out, on every platform.
 */
#include <guest.h>

static volatile bool flag;

void guest_main(void)
{
    guest_begin();
    guest_text("waiting for a flag that nobody sets\n");
    while (!flag)
        continue;
}
