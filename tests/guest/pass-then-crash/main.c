/* SPDX-License-Identifier: MIT */
/*
 * pass-then-crash: a check passes, then the kernel panics: says so, tells the
 * hypervisor if that listens, otherwise resets the machine.
 *
 * Verdict: CRASH (6), although a check passed: there is no END line.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    guest_pass("first");
    guest_text("panic: list is corrupt\n");
    guest_crash();
}
