/* SPDX-License-Identifier: MIT */
/*
 * A PC's first serial port, a 16550 or what is left of one. Facts only; names
 * as in the source.
 *
 * Source: National Semiconductor PC16550D data sheet (1995), table II and
 *         section 8; IBM PC AT Technical Reference (OUT2, interrupt 4).
 */
#ifndef ABI_UART_H
#define ABI_UART_H

#define UART_COM1 0x3f8u

/* Registers, by their distance from the first. */
#define UART_THR 0u /* written: a byte to send; read: RBR */
#define UART_RBR 0u /* the byte that came */
#define UART_DLL 0u /* while LCR.DLAB is set: divisor of 115200 baud, low */
#define UART_DLM 1u /* ... and high */
#define UART_IER 1u
#define UART_IIR 2u /* read */
#define UART_FCR 2u /* written */
#define UART_LCR 3u
#define UART_MCR 4u
#define UART_LSR 5u
#define UART_SCR 7u /* no function: keeps what is written; not on an 8250 */

#define UART_IIR_FIFO   0xc0u /* both bits: the FIFOs work and are on */
#define UART_FIFO_BYTES 16u
#define UART_FCR_ENABLE 0x01u

#define UART_IER_DATA 0x01u /* interrupt: a byte came */
#define UART_IER_ALL  0x0fu

#define UART_LCR_8N1  0x03u
#define UART_LCR_DLAB 0x80u

#define UART_MCR_DTR  0x01u
#define UART_MCR_RTS  0x02u
#define UART_MCR_OUT2 0x08u /* on a PC: its interrupts go out */
#define UART_MCR_ALL  0x1fu

#define UART_COM1_IRQ 4u /* of the ISA bus */

#define UART_LSR_DATA_BIT  0 /* a byte came */
#define UART_LSR_DATA      (1u << UART_LSR_DATA_BIT)
#define UART_LSR_THRE_BIT  5 /* the FIFO is empty */
#define UART_LSR_THRE      (1u << UART_LSR_THRE_BIT)
#define UART_LSR_TEMT_BIT  6 /* and the last byte is on the line */
#define UART_LSR_TEMT      (1u << UART_LSR_TEMT_BIT)
#define UART_LSR_NO_DEVICE 0xffu /* what a port without a device reads as */

#endif /* ABI_UART_H */
