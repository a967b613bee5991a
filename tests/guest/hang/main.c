/* SPDX-License-Identifier: MIT */
/*
 * hang: prints a line, then halts with interrupts off.
 *
 * Verdict: CRASH (6), by pvlab's time-out. Xen itself ends a PVH or HVM domain
 *          whose last CPU halts so, and says that it powered off.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_text("waiting for an interrupt that is masked\n");
    guest_hang();
}
