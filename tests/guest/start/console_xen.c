/* SPDX-License-Identifier: MIT */
/*
 * Consoles under Xen: console_io for dom0, the shared ring for a domU.
 */
#include "insn.h"
#include "start.h"

static void io_write(const char *bytes, size_t size)
{
    enum { CHUNK = 256 };

    while (size) {
        size_t now = size < CHUNK ? size : CHUNK;

        xen_console_io(CONSOLEIO_write, (void *)(uintptr_t)bytes, now);
        bytes += now;
        size -= now;
    }
}

static int io_read(void)
{
    unsigned char byte;

    if (xen_console_io(CONSOLEIO_read, &byte, 1) == 1)
        return byte;
    xen_yield();
    return -1;
}

/* Xen has it all; its driver sends without dom0's help. */
static void io_drain(void)
{
}

const struct console console_xen_io = { io_write, io_read, io_drain };

/* The backend, on another CPU, moves 'out_cons' and 'in_prod'. */
static volatile struct xencons_interface *ring;
static uint32_t ring_port;

#ifdef __x86_64__
static volatile struct xencons_interface *pv_ring(void)
{
    const uint64_t *frames = (const uint64_t *)MACH2PHYS_VIRT_START;

    ring_port = boot_private.console_evtchn;
    return (void *)(uintptr_t)(frames[boot_private.console_mfn] << 12);
}
#else
static volatile struct xencons_interface *pv_ring(void)
{
    return NULL;
}
#endif

static volatile struct xencons_interface *hvm_ring(void)
{
    uint64_t frame, port;

    if (!xen_hvm_param(HVM_PARAM_CONSOLE_PFN, &frame) ||
        !xen_hvm_param(HVM_PARAM_CONSOLE_EVTCHN, &port) || !frame)
        return NULL;
    ring_port = (uint32_t)port;
    return (void *)(uintptr_t)(frame << 12);
}

bool console_xen_ring_setup(void)
{
    ring = guest_boot.xen_pv ? pv_ring() : hvm_ring();
    return ring;
}

/* A full ring waits for its reader: no byte is dropped. */
static void ring_write(const char *bytes, size_t size)
{
    while (size) {
        uint32_t prod = ring->out_prod;
        uint32_t room = sizeof(ring->out) - (prod - ring->out_cons);

        if (!room) {
            xen_notify(ring_port);
            xen_yield();
            continue;
        }
        for (; room && size; room--, size--)
            ring->out[prod++ % sizeof(ring->out)] = *bytes++;
        x86_fence(); /* bytes before the index that makes them known */
        ring->out_prod = prod;
        x86_fence(); /* index before the event that announces it */
        xen_notify(ring_port);
    }
}

static int ring_read(void)
{
    uint32_t cons = ring->in_cons;
    unsigned char byte;

    if (cons == ring->in_prod) {
        xen_yield();
        return -1;
    }
    x86_fence(); /* index before the byte it made known */
    byte = (unsigned char)ring->in[cons % sizeof(ring->in)];
    x86_fence(); /* byte before its place is given back */
    ring->in_cons = cons + 1;
    xen_notify(ring_port);
    return byte;
}

static void ring_drain(void)
{
    while (ring->out_cons != ring->out_prod) {
        xen_notify(ring_port);
        xen_yield();
    }
}

const struct console console_xen_ring = { ring_write, ring_read, ring_drain };
