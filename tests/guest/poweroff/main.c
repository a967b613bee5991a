/* SPDX-License-Identifier: MIT */
/*
 * poweroff: off at once, nothing printed.
 *
 * Verdict: CRASH (6): nothing was said.
 */
#include <guest.h>

void guest_main(void)
{
    guest_poweroff();
}
