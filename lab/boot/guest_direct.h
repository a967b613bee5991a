/* SPDX-License-Identifier: MIT */
/*
 * A guest in a program that runs on this machine: QEMU, or a custom
 * platform's launcher.
 */
#ifndef LAB_BOOT_GUEST_DIRECT_H
#define LAB_BOOT_GUEST_DIRECT_H

#include "base/child.h"
#include "boot/guest.h"

struct guest_direct {
    struct guest guest;
    struct child child;
    int monitor;        /* our end of the monitor's socket; -1: none */
    int console;        /* read the console here instead of stdout; -1 */
    const char *follow; /* the console is this file, which grows; NULL */
    int ticker;         /* then: a timer, since poll() cannot wait for it; -1 */
    bool over;
};

/*
 * Start argv. With 'monitor_fds' (a socket pair, ours first) the second is
 * kept open in the program under its number. 'terminal' as child_start().
 *
 * Errors: false with errno set.
 */
bool guest_direct_start(struct guest_direct *direct, char *const argv[],
                        const int *monitor_fds, int terminal);

/*
 * Read the console here from now on, instead of from stdout: a socket, our
 * end of a terminal, or the file 'follow' (else NULL), from where the
 * descriptor stands. A file that becomes shorter than that, or that another
 * takes the place of, is read from its beginning. The guest owns 'fd'.
 */
void guest_direct_console(struct guest_direct *direct, int fd,
                          const char *follow);

#endif /* LAB_BOOT_GUEST_DIRECT_H */
