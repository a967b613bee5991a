/* SPDX-License-Identifier: MIT */
/*
 * Reading xenstore over the daemon's socket.
 */
#ifndef AGENT_XENSTORE_H
#define AGENT_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>

/* True if the daemon takes connections. */
bool xenstore_is_up(void);

/* The value of 'path' as a string; false if there is none that fits. */
bool xenstore_read(const char *path, char *value, size_t size);

#endif /* AGENT_XENSTORE_H */
