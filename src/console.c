/* SPDX-License-Identifier: MIT */
/*
 * Which console this platform has, and how long its reader is waited for.
 *
 * The ways themselves are in console_uart.c and console_xen.c.
 */
#include <pvops/console.h>

#include "console_ways.h"
#include "tsc.h"
#include "x86/xen_hypercall.h"

#include <x86/insn.h>

/* Looks at a reader before time counts: this CPU may have been stopped. */
#define LOOKS 1000u
/* Looks where there is no TSC. */
#define LOOKS_NO_TSC (1u << 20)

static struct {
    const struct pvi_console *way; /* NULL: none */
    uint64_t tsc_hz;               /* 0: there is no TSC */
    bool gone;                     /* the reader was given up */
    char last;                     /* byte written */
} console;

struct patience {
    uint64_t since;
    uint32_t looks;
};

static uint64_t ticks(void)
{
    return console.tsc_hz ? x86_rdtsc() : 0;
}

static void begin(struct patience *patience)
{
    patience->since = ticks();
    patience->looks = 0;
}

/* The reader is not ready: yield to it. False: it is given up. */
static bool waited(struct patience *patience)
{
    uint64_t limit = console.tsc_hz * console.way->patience_s;

    if (console.gone)
        return false;
    patience->looks++;
    if (console.tsc_hz)
        console.gone =
            patience->looks > LOOKS && ticks() - patience->since > limit;
    else
        console.gone = patience->looks > LOOKS_NO_TSC;
    console.way->yield();
    return !console.gone;
}

/*
 * A PV or PVH domain has no serial port but a dom0's, which is Xen's. An HVM
 * domain has both; its users look at the port, as on any PC.
 */
static const struct pvi_console *
choose(const struct pvops_info *info, const struct pvops_probe_options *options)
{
    bool xen = pvi_xen_find(info);

    if (xen && xen_features() & 1u << XENFEAT_dom0)
        return &pvi_console_xen_io;
    if (xen && info->entry == PVOPS_ENTRY_PVH &&
        pvi_console_ring_setup(info, options))
        return &pvi_console_ring;
    if (info->entry != PVOPS_ENTRY_XEN_PV && pvi_console_uart_setup())
        return &pvi_console_uart;
    if (xen && info->entry != PVOPS_ENTRY_PVH &&
        pvi_console_ring_setup(info, options))
        return &pvi_console_ring;
    return NULL;
}

bool pvops_console_setup(const struct pvops_info *info,
                         const struct pvops_probe_options *options)
{
    console.tsc_hz = pvi_tsc_hz_bound(info);
    console.gone = false;
    console.last = '\0';
    console.way = choose(info, options);
    return console.way != NULL;
}

static void send(const char *bytes, size_t size)
{
    struct patience patience;

    begin(&patience);
    while (size) {
        size_t taken = console.way->put(bytes, size);

        if (taken) {
            bytes += taken;
            size -= taken;
            console.gone = false;
            begin(&patience);
        } else if (!waited(&patience)) {
            return;
        }
    }
}

static void send_text(const char *bytes, size_t size)
{
    size_t plain = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' && console.last != '\r') {
            send(bytes + plain, i - plain);
            send("\r\n", 2);
            plain = i + 1;
        }
        console.last = bytes[i];
    }
    send(bytes + plain, size - plain);
}

void pvops_console_write(const char *bytes, size_t size)
{
    if (!console.way)
        return;
    if (console.way->terminal)
        send_text(bytes, size);
    else
        send(bytes, size);
}

int pvops_console_read(void)
{
    return console.way ? console.way->get() : -1;
}

void pvops_console_drain(void)
{
    struct patience patience;

    if (!console.way)
        return;
    begin(&patience);
    while (!console.way->drained()) {
        if (!waited(&patience))
            return;
    }
}
