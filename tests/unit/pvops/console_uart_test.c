/* SPDX-License-Identifier: MIT */
/*
 * Console on COM1: whether there is a port, what goes out, and that no port
 * can hold the kernel up.
 *
 * Source: National Semiconductor PC16550D data sheet, section 8.
 * Tried: each of these alone, left out of the library, fails a test here: the
 * look at LSR, at SCR, and the byte between in keeps(); one byte of room
 * without FIFO; LOOKS; 'gone' and its end; 'ready'; 'last'.
 */
#include <pvops/console.h>
#include <pvops/host.h>

#include "cpu.h"
#include "pvtest.h"

#include "abi/uart.h"

#define BYTE_PS UINT64_C(86805556) /* ten bits at 115200 baud */

static struct {
    bool there, no_fifo, no_scratch, no_status, remembers, stuck;
    uint8_t last; /* on the bus */
    uint8_t lcr, ier, mcr, scr, fcr;
    uint16_t divisor;
    unsigned fcr_writes;
    unsigned queued; /* not sent yet */
    uint64_t sent_ps;
    char out[4096];
    size_t used;
    const char *typed;
} uart;

static struct pvops_info info;

/* A machine with a sound port, and its console. */
static bool start(void)
{
    fake.port_in = NULL;
    return pvops_console_setup(&info, NULL);
}

static void send_on(void)
{
    while (uart.queued && !uart.stuck &&
           fake.now_ps >= uart.sent_ps + BYTE_PS) {
        uart.queued--;
        uart.sent_ps += BYTE_PS;
    }
}

static uint8_t uart_lsr(void)
{
    send_on();
    return (uint8_t)((*uart.typed ? UART_LSR_DATA : 0) |
                     (uart.queued ? 0 : UART_LSR_THRE | UART_LSR_TEMT));
}

static uint8_t uart_in(unsigned reg)
{
    if (uart.lcr & UART_LCR_DLAB && reg <= UART_DLM)
        return (uint8_t)(uart.divisor >> 8 * reg);
    switch (reg) {
    case UART_RBR:
        return *uart.typed ? (uint8_t)*uart.typed++ : 0;
    case UART_IIR:
        return uart.fcr & UART_FCR_ENABLE && !uart.no_fifo ? 0xc1 : 0x01;
    case UART_LSR:
        return uart.no_status ? UART_LSR_NO_DEVICE : uart_lsr();
    case UART_SCR:
        return uart.no_scratch ? 0 : uart.scr;
    default:
        return 0;
    }
}

static void uart_send(uint8_t byte)
{
    bool fifo = uart.fcr & UART_FCR_ENABLE && !uart.no_fifo;

    send_on();
    if (uart.queued >= (fifo ? UART_FIFO_BYTES : 1))
        FAIL("a byte too many: it is lost");
    if (!uart.queued++)
        uart.sent_ps = fake.now_ps;
    if (uart.used < sizeof(uart.out) - 1)
        uart.out[uart.used++] = (char)byte;
}

static void uart_out(unsigned reg, uint8_t value)
{
    bool dlab = uart.lcr & UART_LCR_DLAB;

    if (dlab && reg <= UART_DLM) {
        uart.divisor &= (uint16_t)(0xff00 >> 8 * reg);
        uart.divisor |= (uint16_t)(value << 8 * reg);
        return;
    }
    switch (reg) {
    case UART_THR:
        uart_send(value);
        break;
    case UART_IER:
        uart.ier = value;
        break;
    case UART_FCR:
        uart.fcr_writes++;
        if ((uart.fcr ^ value) & UART_FCR_ENABLE)
            uart.queued = 0;
        uart.fcr = value;
        break;
    case UART_LCR:
        uart.lcr = value;
        break;
    case UART_MCR:
        uart.mcr = value;
        break;
    case UART_SCR:
        uart.scr = value;
        break;
    }
}

static bool port_in(uint16_t port, unsigned bytes, uint32_t *out_value)
{
    if (port < UART_COM1 || port > UART_COM1 + UART_SCR)
        return false;
    EXPECT_EQ(1, bytes);
    if (!uart.there)
        *out_value = uart.remembers ? uart.last : 0xff;
    else
        *out_value = uart_in(port - UART_COM1);
    return true;
}

static bool port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    uart.last = (uint8_t)value;
    if (port < UART_COM1 || port > UART_COM1 + UART_SCR || !uart.there)
        return false;
    EXPECT_EQ(1, bytes);
    uart_out(port - UART_COM1, (uint8_t)value);
    return true;
}

/* A test begins: without a port, so that the console forgets the last one. */
static void begin(void)
{
    fake_reset();
    memset(&uart, 0, sizeof(uart));
    memset(&info, 0, sizeof(info));
    uart.typed = "";
    info.tsc_hz = 2000000000;
    EXPECT(!start());
    fake.port_in = port_in;
    fake.port_out = port_out;
    uart.there = true;
}

static void write_text(const char *text)
{
    pvops_console_write(text, strlen(text));
}

PVTEST(no_port, "nothing at 0x3f8: refused, and what is written is lost")
{
    begin();
    uart.there = false;
    EXPECT(!pvops_console_setup(&info, NULL));
    write_text("lost\n");
    EXPECT_EQ(-1, pvops_console_read());
    pvops_console_drain();
    EXPECT_EQ(0, uart.used);
}

PVTEST(remembering_bus, "a bus that keeps the last byte is no port")
{
    begin();
    uart.there = false;
    uart.remembers = true;
    EXPECT(!pvops_console_setup(&info, NULL));

    begin();
    uart.no_scratch = true;
    EXPECT(!pvops_console_setup(&info, NULL));

    begin();
    uart.no_status = true;
    EXPECT(!pvops_console_setup(&info, NULL));
}

PVTEST(settings, "115200 baud, 8N1, no interrupts, DTR and RTS")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    EXPECT_EQ(1, uart.divisor);
    EXPECT_EQ(UART_LCR_8N1, uart.lcr);
    EXPECT_EQ(0, uart.ier);
    EXPECT_EQ(UART_MCR_DTR | UART_MCR_RTS, uart.mcr);
}

PVTEST(newlines, "\\n becomes \\r\\n, \\r\\n stays as it is")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    write_text("one\ntwo\r\nthree\r");
    write_text("\n\n");
    write_text("");
    EXPECT_STR("one\r\ntwo\r\nthree\r\n\r\n", uart.out);
}

PVTEST(long_text, "goes out whole, sixteen bytes at a time")
{
    char text[1001];

    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = (char)('a' + i % 26);
    text[sizeof(text) - 1] = '\0';
    write_text(text);
    EXPECT_STR(text, uart.out);
    pvops_console_drain();
    EXPECT_EQ(0, uart.queued);
}

PVTEST(no_fifo, "an 8250's one byte at a time")
{
    begin();
    uart.no_fifo = true;
    EXPECT(pvops_console_setup(&info, NULL));
    write_text("byte by byte");
    EXPECT_STR("byte by byte", uart.out);
}

PVTEST(stuck,
       "a port that stops is given up after a second, then not waited for")
{
    uint64_t before, operations;

    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    uart.stuck = true;
    before = fake_ns();
    write_text("sixteen bytes go, the others are lost");
    EXPECT_EQ(16, uart.used);
    EXPECT(fake_ns() - before > 900000000);
    EXPECT(fake_ns() - before < 1200000000);

    operations = fake.operations;
    write_text("lost\nlost\n");
    pvops_console_drain();
    EXPECT(fake.operations - operations < 100);
}

PVTEST(revived, "a port that goes on is used again, and waited for")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    uart.stuck = true;
    write_text("0123456789abcdefX");
    uart.stuck = false;
    uart.queued = 0;
    write_text("and here is more than sixteen bytes");
    EXPECT_STR("0123456789abcdefand here is more than sixteen bytes", uart.out);
}

PVTEST(stopped_cpu, "time in which this CPU did not run is not the port's")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    write_text("0123456789abcdef");
    fake.stall_at_ps = fake.now_ps + UINT64_C(20000000);
    fake.stall_ps = UINT64_C(5000000000000);
    /* The port goes on 100 us after the CPU does. */
    uart.sent_ps =
        fake.stall_at_ps + fake.stall_ps + UINT64_C(100000000) - 16 * BYTE_PS;
    write_text("all of it");
    EXPECT_STR("0123456789abcdefall of it", uart.out);
}

PVTEST(reading, "what was typed, then -1; a port that went away has nothing")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    EXPECT_EQ(-1, pvops_console_read());
    uart.typed = "a\xff";
    EXPECT_EQ('a', pvops_console_read());
    EXPECT_EQ(0xff, pvops_console_read());
    EXPECT_EQ(-1, pvops_console_read());
    uart.there = false;
    EXPECT_EQ(-1, pvops_console_read());
}

PVTEST(again, "set up again it loses no byte that is on its way")
{
    begin();
    EXPECT(pvops_console_setup(&info, NULL));
    write_text("0123456789");
    EXPECT(pvops_console_setup(&info, NULL));
    EXPECT_EQ(1, uart.fcr_writes);
    EXPECT(uart.queued > 0);
}

PVTEST(firmware_speaks, "what it wrote last is out before the port is set up")
{
    begin();
    uart.queued = 5;
    uart.sent_ps = fake.now_ps;
    EXPECT(pvops_console_setup(&info, NULL));
    EXPECT(fake.now_ps >= 5 * BYTE_PS);
}

PVTEST(unknown_frequency, "then the wait is longer, but ends")
{
    begin();
    info.tsc_hz = 0;
    EXPECT(pvops_console_setup(&info, NULL));
    uart.stuck = true;
    write_text("0123456789abcdefX");
    EXPECT(fake_ns() < UINT64_C(3000000000));
}

#ifdef __i386__
PVTEST(no_tsc, "a CPU without a TSC")
{
    begin();
    fake.no_cpuid = true;
    info.tsc_hz = 0;
    EXPECT(pvops_console_setup(&info, NULL));
    uart.stuck = true;
    write_text("0123456789abcdefX");
    EXPECT_EQ(16, uart.used);
}
#endif
