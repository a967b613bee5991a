/* SPDX-License-Identifier: MIT */
/*
 * Where the console is on this machine.
 */
#include "start.h"

static const struct console *console;

/*
 * Under Xen only a domain that was entered by one of Xen's doors has Xen's
 * console: an HVM domain booted by GRUB has a serial port like any PC.
 */
void console_setup(void)
{
    bool domain =
        guest_boot.xen_pv || (boot_private.door == DOOR_PVH && xen_present());

    if (domain && boot_private.dom0)
        console = &console_xen_io;
    else if (domain && console_xen_ring_setup())
        console = &console_xen_ring;
    else if (!domain && console_uart_setup())
        console = &console_uart;
}

void console_write(const char *bytes, size_t size)
{
    if (console)
        console->write(bytes, size);
}

void console_drain(void)
{
    if (console)
        console->drain();
}

char guest_read_byte(void)
{
    int byte;

    if (!console)
        guest_hang();
    do {
        byte = console->read();
    } while (byte < 0);
    return (char)byte;
}
