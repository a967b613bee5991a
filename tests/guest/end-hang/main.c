/* SPDX-License-Identifier: MIT */
/*
 * end-hang: all is said, but the machine is never powered off.
 *
 * Verdict: PASS (0), and without waiting for the time-out.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("boot");
    guest_end();
    guest_hang();
}
