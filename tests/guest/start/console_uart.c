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
    FCR = COM1 + 2, /* written */
    IIR = COM1 + 2, /* read */
    LCR = COM1 + 3,
    MCR = COM1 + 4,
    LSR = COM1 + 5,
    LCR_8N1 = 0x03,
    LCR_DLAB = 0x80,
    FCR_ENABLE_CLEAR = 0x07,
    IIR_FIFO = 0xc0,
    FIFO_BYTES = 16,
    MCR_DTR_RTS = 0x03,
    LSR_DATA_READY = 0x01,
    LSR_HOLDING_EMPTY = 0x20,
    LSR_ALL_SENT = 0x40,
    LSR_ABSENT = 0xff,
};

static size_t room = 1; /* bytes that fit once LSR_HOLDING_EMPTY is set */

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
    if ((x86_inb(IIR) & IIR_FIFO) == IIR_FIFO)
        room = FIFO_BYTES;
    return true;
}

static void uart_write(const char *bytes, size_t size)
{
    while (size) {
        size_t now = size < room ? size : room;

        while (!(x86_inb(LSR) & LSR_HOLDING_EMPTY))
            x86_pause();
        for (size_t i = 0; i < now; i++)
            x86_outb(DATA, (uint8_t)bytes[i]);
        bytes += now;
        size -= now;
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
