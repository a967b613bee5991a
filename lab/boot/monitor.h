/* SPDX-License-Identifier: MIT */
/*
 * QEMU's machine protocol, as far as pvlab listens: why a guest ended.
 *
 * Source: QEMU 7.2 docs/interop/qemu-qmp-ref, events SHUTDOWN, STOP,
 *         GUEST_PANICKED; command query-status.
 */
#ifndef LAB_BOOT_MONITOR_H
#define LAB_BOOT_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/console.h"

struct monitor {
    char line[8192];
    size_t used;
    bool overlong;
    bool ended;   /* 'ending' is known, and stays */
    bool stopped; /* the machine stopped and will not go on */
    enum ending ending;
    const char *answer; /* to be sent to QEMU; NULL: nothing */
};

/*
 * The next bytes from QEMU. Afterwards 'answer' is what must be written to
 * it, if anything: the caller sends it and sets it to NULL. It is at most one
 * answer a call, the greeting's before any other.
 */
void monitor_feed(struct monitor *monitor, const uint8_t *bytes, size_t size);

#endif /* LAB_BOOT_MONITOR_H */
