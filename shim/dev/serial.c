/* SPDX-License-Identifier: MIT */
/*
 * COM1 by libpvops' driver. One that takes no more bytes is given up for good.
 *
 * The guest's driver finds its registers as it has left them, though the shim
 * sends in between, and listens until the guest does.
 */
#include "dev/serial.h"

#include "abi/uart.h"
#include "console_ways.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "mm/lock.h"

#include <x86/insn.h>

enum { LOOKS = 10000000 };

static struct lock lock;
static bool there, interrupts, listening;
static struct ioapic_line line;
static uint32_t cpu; /* APIC id of the one that listens */
/* What the guest has written last. */
static uint8_t guest_ier, guest_mcr, guest_lcr;

static void set_register(unsigned reg, uint8_t value)
{
    x86_outb((uint16_t)(UART_COM1 + reg), value);
}

void serial_setup(void)
{
    there = pvi_console_uart_setup();
    guest_mcr = UART_MCR_DTR | UART_MCR_RTS;
    guest_lcr = UART_LCR_8N1;
}

static void put_all(const char *bytes, size_t size)
{
    unsigned looks = 0;

    while (size && there) {
        size_t taken = pvi_console_uart.put(bytes, size);

        looks = taken ? 0 : looks + 1;
        if (lock_several)
            flush_serve(); /* a byte takes 87 us at 115200 bits a second */
        if (looks == LOOKS)
            there = false;
        bytes += taken;
        size -= taken;
    }
}

static void put_lines(const char *bytes, size_t size)
{
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
}

/* While the guest sets the speed, a byte that is sent would become part of it.
 */
void serial_write(const char *bytes, size_t size)
{
    bool divisor = guest_lcr & UART_LCR_DLAB;

    lock_take(&lock);
    if (divisor)
        set_register(UART_LCR, guest_lcr & ~UART_LCR_DLAB);
    put_lines(bytes, size);
    if (divisor)
        set_register(UART_LCR, guest_lcr);
    lock_release(&lock);
}

void serial_take_over(void)
{
    for (unsigned i = 0; i < LOOKS && lock.taken; i++)
        x86_pause();
    lock_release(&lock);
}

/* Nothing while the port is the guest's: it would lack what is read here. */
int serial_read(void)
{
    int byte = -1;

    lock_take(&lock);
    if (there && (listening || !interrupts) && !(guest_lcr & UART_LCR_DLAB))
        byte = pvi_console_uart.get();
    lock_release(&lock);
    return byte;
}

bool serial_waiting(void)
{
    uint8_t status = x86_inb(UART_COM1 + UART_LSR);

    return there && status != UART_LSR_NO_DEVICE && (status & UART_LSR_DATA);
}

/* What the shim needs of these two, besides what the guest has written. */
static void write_shared(void)
{
    if (!(guest_lcr & UART_LCR_DLAB))
        set_register(UART_IER, guest_ier | (listening ? UART_IER_DATA : 0));
    set_register(UART_MCR, guest_mcr | (listening ? UART_MCR_OUT2 : 0));
}

void serial_interrupt_setup(void)
{
    line = ioapic_isa(UART_COM1_IRQ);
    if (!there || !ioapic_has(line.gsi))
        return;
    interrupts = true;
    cpu = lapic_id();
    serial_listen(true);
}

/* What has come already makes a new edge. */
void serial_listen(bool listen)
{
    if (!interrupts)
        return;
    if (listen)
        ioapic_route(&line, VECTOR_SERIAL, cpu);
    lock_take(&lock);
    listening = listen;
    if (!(guest_lcr & UART_LCR_DLAB))
        set_register(UART_IER, 0);
    write_shared();
    lock_release(&lock);
}

uint32_t serial_gsi(void)
{
    return interrupts ? line.gsi : UINT32_MAX;
}

uint8_t serial_guest_read(unsigned reg)
{
    if (reg == UART_IER && !(guest_lcr & UART_LCR_DLAB))
        return guest_ier;
    if (reg == UART_MCR)
        return guest_mcr;
    return x86_inb((uint16_t)(UART_COM1 + reg));
}

void serial_guest_write(unsigned reg, uint8_t value)
{
    lock_take(&lock);
    switch (reg) {
    case UART_IER:
        if (guest_lcr & UART_LCR_DLAB) {
            set_register(reg, value);
            break;
        }
        guest_ier = value & UART_IER_ALL;
        write_shared();
        break;
    case UART_MCR:
        guest_mcr = value & UART_MCR_ALL;
        write_shared();
        break;
    case UART_LCR:
        guest_lcr = value;
        set_register(reg, value);
        break;
    default:
        set_register(reg, value);
    }
    lock_release(&lock);
}
