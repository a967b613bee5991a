/* SPDX-License-Identifier: MIT */
/*
 * Talking to xenstored over its socket.
 */
#ifndef AGENT_XENSTORE_H
#define AGENT_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>

/* True if the daemon takes connections. */
bool xenstore_is_up(void);

/* The value of 'path' as a string; false if there is none that fits. */
bool xenstore_read(const char *path, char *value, size_t size);

bool xenstore_write(const char *path, const char *value);

/*
 * Watch 'path' and what is below it. Returns a descriptor that is readable
 * when something changed, or -1.
 */
int xenstore_watch(const char *path);

/* The next changed path of xenstore_watch(); waits for it. */
bool xenstore_event(int fd, char *path, size_t size);

#endif /* AGENT_XENSTORE_H */
