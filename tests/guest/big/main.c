/* SPDX-License-Identifier: MIT */
/*
 * big: prints what the loader handed over: command line and modules.
 *
 *   PVLAB INFO cmdline=TEXT
 *   PVLAB INFO modules=N
 *   PVLAB INFO module=I size=BYTES bytes=HEX     (the first 16, from I = 0)
 *
 * QEMU puts the image's path before a Multiboot1 command line. Of an empty
 * module there is nothing to see: PV domains and PVH do not list it.
 *
 * Verdict: PASS (0); the caller compares the lines.
 */
#include <guest.h>

enum { SHOWN = 16 };

static void print_module(unsigned index, const struct guest_module *module)
{
    guest_text("PVLAB INFO module=%u size=%lu bytes=", index,
               (unsigned long)module->size);
    for (size_t i = 0; i < SHOWN && i < module->size; i++)
        guest_text("%02x", module->bytes[i]);
    guest_text("\n");
}

void guest_main(void)
{
    guest_begin();
    guest_text("PVLAB INFO cmdline=%s\n", guest_boot.cmdline);
    guest_text("PVLAB INFO modules=%u\n", guest_boot.module_count);
    for (unsigned i = 0; i < guest_boot.module_count; i++)
        print_module(i, &guest_boot.modules[i]);
    guest_pass("boot-information");
    guest_end();
}
