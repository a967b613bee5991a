/* SPDX-License-Identifier: MIT */
/*
 * COM1 by libpvops' driver. One that takes no more bytes is given up for good.
 */
#include "dev/serial.h"

#include "console_ways.h"
#include "mm/lock.h"

#include <x86/insn.h>

enum { LOOKS = 10000000 };

static struct lock lock;
static bool there;

void serial_setup(void)
{
    there = pvi_console_uart_setup();
}

static void put_all(const char *bytes, size_t size)
{
    unsigned looks = 0;

    while (size && there) {
        size_t taken = pvi_console_uart.put(bytes, size);

        looks = taken ? 0 : looks + 1;
        if (looks == LOOKS)
            there = false;
        bytes += taken;
        size -= taken;
    }
}

void serial_write(const char *bytes, size_t size)
{
    lock_take(&lock);
    while (size) {
        size_t length = 0;

        while (length < size && bytes[length] != '\n')
            length++;
        put_all(bytes, length);
        if (length < size) {
            put_all("\r\n", 2);
            length++;
        }
        bytes += length;
        size -= length;
    }
    lock_release(&lock);
}

int serial_read(void)
{
    return there ? pvi_console_uart.get() : -1;
}
