/* SPDX-License-Identifier: MIT */
/*
 * What the files of the console share: each way out is one descriptor.
 */
#ifndef PVOPS_CONSOLE_WAYS_H
#define PVOPS_CONSOLE_WAYS_H

#include <pvops/console.h>

struct pvi_console {
    /* Takes what there is room for, at least one byte unless it is full. */
    size_t (*put)(const char *bytes, size_t size);
    int (*get)(void); /* a byte, or -1 */
    /* Whether the reader has all that put() took. */
    bool (*drained)(void);
    /* Between two looks at a reader that is slow. */
    void (*yield)(void);
    /* Seconds until a reader without progress is given up. */
    uint32_t patience_s;
    bool terminal; /* "\n" needs a "\r" */
};

/* console_uart.c. False: there is no COM1. */
bool pvi_console_uart_setup(void);
extern const struct pvi_console pvi_console_uart;

/* console_xen.c; both after pvi_xen_find(). False: there is no ring. */
bool pvi_console_ring_setup(const struct pvops_info *info,
                            const struct pvops_probe_options *options);
extern const struct pvi_console pvi_console_ring;
extern const struct pvi_console pvi_console_xen_io;

#endif /* PVOPS_CONSOLE_WAYS_H */
