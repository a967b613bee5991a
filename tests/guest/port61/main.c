/* SPDX-License-Identifier: MIT */
/*
 * port61: times the PIT's channel 2 through port 0x61, as many kernels do to
 * learn their TSC's frequency.
 *
 * Both waits are unbounded on purpose: where nothing answers at port 0x61 it
 * reads as ff (or 00), and the guest hangs behind "calibrating", as kernels
 * do on Hyper-V (https://github.com/klange/toaruos/issues/296).
 *
 * Verdict: PASS (0) on machines with the port; CRASH (6) by time-out on those
 *          without; SKIP (3) in a Xen PV domain, which may not do port I/O.
 * Source:  Intel 8254 data sheet, control word and mode 0; Intel ICH9 data
 *          sheet, 13.7.1 (NMI_SC, port 0x61).
 */
#include <guest.h>

#include "start/insn.h"

enum {
    PIT_CHANNEL_2 = 0x42,
    PIT_CONTROL = 0x43,
    CHANNEL_2_MODE_0 = 0xb0, /* low byte, high byte, mode 0, binary */
    PORT_61 = 0x61,
    GATE_2 = 0x01,
    SPEAKER = 0x02,
    OUT_2 = 0x20,
    TICKS = 11932, /* of 1193182 Hz: 10 ms */
};

void guest_main(void)
{
    unsigned long count = 0;

    guest_begin();
    if (guest_boot.xen_pv) {
        guest_skip("calibrate", "no port I/O in a Xen PV domain");
        guest_end();
        return;
    }

    guest_text("calibrating ...\n");
    x86_outb(PORT_61, (uint8_t)((x86_inb(PORT_61) & ~SPEAKER & 0x0f) | GATE_2));
    x86_outb(PIT_CONTROL, CHANNEL_2_MODE_0);
    x86_outb(PIT_CHANNEL_2, TICKS & 0xff);
    x86_outb(PIT_CHANNEL_2, TICKS >> 8);

    /* Mode 0: output falls with the control word, rises at the end. */
    while (x86_inb(PORT_61) & OUT_2)
        x86_pause();
    while (!(x86_inb(PORT_61) & OUT_2))
        count++;

    guest_text("PVLAB INFO calibration_loops=%lu\n", count);
    if (count)
        guest_pass("calibrate");
    else
        guest_fail("calibrate", "output was high before it was looked at");
    guest_end();
}
