/* SPDX-License-Identifier: MIT */
/*
 * Console on COM1, polled: a PC's first serial port.
 *
 * Source: National Semiconductor PC16550D data sheet, table II.
 */
#include "insn.h"
#include "start.h"

enum {
    COM1 = 0x3f8,
    DATA = COM1,
    DIVISOR_LOW = COM1,      /* while LCR_DLAB is set */
    DIVISOR_HIGH = COM1 + 1, /* while LCR_DLAB is set */
    IER = COM1 + 1,
    FCR = COM1 + 2,
    LCR = COM1 + 3,
    MCR = COM1 + 4,
    LSR = COM1 + 5,
    LCR_8N1 = 0x03,
    LCR_DLAB = 0x80,
    FCR_ENABLE_CLEAR = 0x07,
    MCR_DTR_RTS = 0x03,
    LSR_DATA_READY = 0x01,
    LSR_HOLDING_EMPTY = 0x20,
    LSR_ALL_SENT = 0x40,
    LSR_ABSENT = 0xff,
};

bool console_uart_setup(void)
{
    if (x86_inb(LSR) == LSR_ABSENT)
        return false;
    x86_outb(IER, 0);
    x86_outb(LCR, LCR_DLAB);
    x86_outb(DIVISOR_LOW, 1); /* 115200 baud */
    x86_outb(DIVISOR_HIGH, 0);
    x86_outb(LCR, LCR_8N1);
    x86_outb(FCR, FCR_ENABLE_CLEAR);
    x86_outb(MCR, MCR_DTR_RTS);
    return true;
}

static void uart_write(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        while (!(x86_inb(LSR) & LSR_HOLDING_EMPTY))
            x86_pause();
        x86_outb(DATA, (uint8_t)bytes[i]);
    }
}

static int uart_read(void)
{
    if (!(x86_inb(LSR) & LSR_DATA_READY)) {
        x86_pause();
        return -1;
    }
    return x86_inb(DATA);
}

static void uart_drain(void)
{
    while (!(x86_inb(LSR) & LSR_ALL_SENT))
        x86_pause();
}

const struct console console_uart = { uart_write, uart_read, uart_drain };
