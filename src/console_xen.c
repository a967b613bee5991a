/* SPDX-License-Identifier: MIT */
/*
 * Consoles under Xen: console_io for a dom0, the shared ring for a domU.
 *
 * The ring's other end is a process in another domain. Its indices are
 * believed only as far as the ring is long.
 */
#include <pvops/host.h>

#include "console_ways.h"
#include "x86/xen_hypercall.h"

#include <x86/insn.h>
#include <x86/xen_m2p.h>

#define PAGE_BYTES 4096u
/* Of one hypercall, so that Xen need not interrupt it. */
#define IO_BYTES 1024u

static void yield(void)
{
    (void)xen_yield();
}

/* Refused or not, it is gone. */
static size_t io_put(const char *bytes, size_t size)
{
    size_t taken = size < IO_BYTES ? size : IO_BYTES;

    (void)xen_console_write(bytes, taken);
    return taken;
}

static int io_get(void)
{
    char byte;

    return xen_console_read(&byte, 1) == 1 ? (unsigned char)byte : -1;
}

/* Xen's driver sends without the domain's help. */
static bool io_drained(void)
{
    return true;
}

const struct pvi_console pvi_console_xen_io = {
    .put = io_put,
    .get = io_get,
    .drained = io_drained,
    .yield = yield,
};

static volatile struct xencons_interface *ring;
static uint32_t ring_port;

/* Where the tools put it, as a frame of the guest's; 0: they did not. */
static uint64_t ring_frame(const struct pvops_info *info,
                           const struct pvops_probe_options *options)
{
    uint64_t frame, port;

    if (info->entry == PVOPS_ENTRY_XEN_PV) {
#ifdef __x86_64__
        const struct start_info *start =
            options ? options->xen_start_info : NULL;

        if (!start || !start->console.domU.mfn)
            return 0;
        ring_port = start->console.domU.evtchn;
        return x86_xen_m2p(start->console.domU.mfn);
#else
        (void)options;
        return 0;
#endif
    }

    if (xen_hvm_get_param(HVM_PARAM_CONSOLE_PFN, &frame) < 0 ||
        xen_hvm_get_param(HVM_PARAM_CONSOLE_EVTCHN, &port) < 0)
        return 0;
    ring_port = (uint32_t)port;
    return frame;
}

bool pvi_console_ring_setup(const struct pvops_info *info,
                            const struct pvops_probe_options *options)
{
    uint64_t frame = ring_frame(info, options);

    ring = NULL;
    if (frame)
        ring = pvops_host_map(frame * PAGE_BYTES, PAGE_BYTES, PVOPS_MAP_MEMORY);
    return ring;
}

/* Volatile accesses stay in order, and x86 keeps stores in order. */
static size_t ring_put(const char *bytes, size_t size)
{
    uint32_t prod = ring->out_prod;
    uint32_t used = prod - ring->out_cons;
    size_t taken = 0;

    if (used < sizeof(ring->out))
        taken = sizeof(ring->out) - used;
    if (taken > size)
        taken = size;
    for (size_t i = 0; i < taken; i++)
        ring->out[prod++ % sizeof(ring->out)] = bytes[i];
    ring->out_prod = prod;
    (void)xen_send(ring_port);
    return taken;
}

static int ring_get(void)
{
    uint32_t cons = ring->in_cons;
    uint32_t used = ring->in_prod - cons;
    unsigned char byte;

    if (!used || used > sizeof(ring->in))
        return -1;
    byte = (unsigned char)ring->in[cons % sizeof(ring->in)];
    ring->in_cons = cons + 1;
    (void)xen_send(ring_port);
    return byte;
}

static bool ring_drained(void)
{
    if (ring->out_cons == ring->out_prod)
        return true;
    (void)xen_send(ring_port);
    return false;
}

/* The reader is a process of a dom0, which may be busy for seconds. */
const struct pvi_console pvi_console_ring = {
    .put = ring_put,
    .get = ring_get,
    .drained = ring_drained,
    .yield = yield,
    .patience_s = 10,
    .terminal = true,
};
