/* SPDX-License-Identifier: MIT */
/*
 * A guest that runs: streams that come out of it, and its end. Whether it
 * runs in a QEMU of this machine or inside an outer system makes no
 * difference to whoever watches it.
 */
#ifndef LAB_BOOT_GUEST_H
#define LAB_BOOT_GUEST_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_event_kind {
    GUEST_NOTHING, /* wait for the descriptors */
    GUEST_CONSOLE, /* bytes of the console */
    GUEST_MONITOR, /* bytes of QEMU's machine protocol */
    GUEST_LOG,     /* bytes of diagnostics, for the log */
    GUEST_STARTED, /* nested: it runs from now on */
    GUEST_FAILED,  /* it could not be started: 'bytes' says why */
    GUEST_ENDED,   /* 'bytes' as "ended TEXT" of agent/protocol.h */
};

struct guest_event {
    enum guest_event_kind kind;
    size_t size;
    uint8_t bytes[16384 + 1]; /* NUL after the last byte */
};

enum { GUEST_MAX_FDS = 8 };

struct guest;

struct guest_ops {
    /* Fill in what to poll(); returns how many, at most GUEST_MAX_FDS. */
    size_t (*fds)(struct guest *guest, struct pollfd *fds);
    /* The next event; never waits. */
    void (*next)(struct guest *guest, struct guest_event *out_event);
    /* Bytes for the console: how many were taken, 0 if none now. */
    size_t (*type)(struct guest *guest, const uint8_t *bytes, size_t size);
    /* A command for the monitor; lost if the guest has none. */
    void (*command)(struct guest *guest, const char *text);
    /* End it now; GUEST_ENDED need not be waited for. */
    void (*stop)(struct guest *guest);
};

/* Each kind of guest begins with this. */
struct guest {
    const struct guest_ops *ops;
    bool announces; /* GUEST_STARTED comes; until then it is not there yet */
};

#endif /* LAB_BOOT_GUEST_H */
