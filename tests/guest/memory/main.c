/* SPDX-License-Identifier: MIT */
/*
 * memory: prints how much RAM the machine has: PVLAB INFO mem=MIB.
 *
 * The sum of the memory map's RAM, rounded up to whole MiB: what firmware
 * keeps for itself (up to 2 MiB, under UEFI some more) is missing. A Xen PV
 * domain counts its pages.
 *
 * Verdict: PASS (0), SKIP (3) where the loader gave no memory map.
 */
#include <guest.h>

void guest_main(void)
{
    guest_begin();
    if (guest_boot.memory_mib) {
        guest_text("PVLAB INFO mem=%u\n", guest_boot.memory_mib);
        guest_pass("memory");
    } else {
        guest_skip("memory", "the loader gave no memory map");
    }
    guest_end();
}
