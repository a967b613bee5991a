/* SPDX-License-Identifier: MIT */
/*
 * Console on COM1, a PC's first serial port, polled.
 *
 * A port that stops sending is waited for a second: sixteen bytes are gone
 * after 1.4 ms.
 */
#include "console_ways.h"
#include "abi/uart.h"

#include <x86/insn.h>

#define DRAIN_LOOKS 100000u

static bool ready;      /* set up once; set up again it would lose bytes */
static size_t room = 1; /* bytes that fit once UART_LSR_THRE is set */

static uint8_t get_reg(unsigned reg)
{
    return x86_inb((uint16_t)(UART_COM1 + reg));
}

static void set_reg(unsigned reg, uint8_t value)
{
    x86_outb((uint16_t)(UART_COM1 + reg), value);
}

/* A bus without a device may remember the last byte that was written. */
static bool keeps(uint8_t pattern)
{
    set_reg(UART_SCR, pattern);
    set_reg(UART_LCR, UART_LCR_8N1);
    return get_reg(UART_LSR) != UART_LSR_NO_DEVICE &&
           get_reg(UART_SCR) == pattern;
}

bool pvi_console_uart_setup(void)
{
    uint8_t fifo;

    if (!keeps(0x5a) || !keeps(0xa5)) {
        ready = false;
        return false;
    }
    if (ready)
        return true;

    /* What the firmware or the loader wrote last. */
    for (unsigned i = 0; i < DRAIN_LOOKS; i++) {
        if (get_reg(UART_LSR) & UART_LSR_TEMT)
            break;
    }
    set_reg(UART_IER, 0);
    set_reg(UART_LCR, UART_LCR_DLAB);
    set_reg(UART_DLL, 1);
    set_reg(UART_DLM, 0);
    set_reg(UART_LCR, UART_LCR_8N1);
    set_reg(UART_FCR, UART_FCR_ENABLE);
    set_reg(UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
    fifo = get_reg(UART_IIR) & UART_IIR_FIFO;
    room = fifo == UART_IIR_FIFO ? UART_FIFO_BYTES : 1;
    ready = true;
    return true;
}

static size_t put(const char *bytes, size_t size)
{
    size_t taken = size < room ? size : room;

    if (!(get_reg(UART_LSR) & UART_LSR_THRE))
        return 0;
    for (size_t i = 0; i < taken; i++)
        set_reg(UART_THR, (uint8_t)bytes[i]);
    return taken;
}

static int get(void)
{
    uint8_t status = get_reg(UART_LSR);

    if (status == UART_LSR_NO_DEVICE || !(status & UART_LSR_DATA))
        return -1;
    return get_reg(UART_RBR);
}

static bool drained(void)
{
    return get_reg(UART_LSR) & UART_LSR_TEMT;
}

const struct pvi_console pvi_console_uart = {
    .put = put,
    .get = get,
    .drained = drained,
    .yield = x86_pause,
    .patience_s = 1,
    .terminal = true,
};
