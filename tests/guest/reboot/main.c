/* SPDX-License-Identifier: MIT */
/*
 * reboot: prints a line, then resets the machine.
 *
 * Verdict: CRASH (6), and the guest must not be booted a second time.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_text("restarting\n");
    guest_reboot();
}
