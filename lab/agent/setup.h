/* SPDX-License-Identifier: MIT */
/*
 * What a Linux without any user space needs first.
 */
#ifndef AGENT_SETUP_H
#define AGENT_SETUP_H

#include <stdbool.h>
#include <stddef.h>

/* Mount the kernel's file systems and /run, /tmp. */
void setup_mounts(void);

/*
 * Load the modules that /etc/pvlab/modules names, in its order: on each line
 * a name, which is /lib/modules/NAME.ko, and the module's parameters, if any.
 * A module that cannot be loaded is logged; with a "!" before its name it is
 * the end.
 */
void setup_modules(void);

/* Bring up the loopback interface. */
void setup_loopback(void);

/* First line of a file without its newline; false if there is none. */
bool setup_read_line(const char *path, char *line, size_t size);

#endif /* AGENT_SETUP_H */
