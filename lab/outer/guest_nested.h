/* SPDX-License-Identifier: MIT */
/*
 * A guest inside an outer system, seen through the agent's channels.
 */
#ifndef LAB_OUTER_GUEST_NESTED_H
#define LAB_OUTER_GUEST_NESTED_H

#include "base/child.h"
#include "boot/guest.h"
#include "outer/agent_link.h"

struct guest_nested {
    struct guest guest;
    struct agent_link *link;
    bool running;              /* the agent has something to kill */
    int gdb_listen;            /* 127.0.0.1:PORT; -1: no gdb */
    int gdb;                   /* the gdb that has come; -1 */
    const struct child *outer; /* the outer system's QEMU */
    bool lost;                 /* the loss of the link was told */
    bool asserted;             /* an assertion of that QEMU's own failed */
};

/*
 * Ready to run what the caller then tells the agent to start. 'gdb_port' 0:
 * none. Errors: false with errno, if the port cannot be had.
 */
bool guest_nested_setup(struct guest_nested *nested, struct agent_link *link,
                        const struct child *outer, unsigned gdb_port);

#endif /* LAB_OUTER_GUEST_NESTED_H */
