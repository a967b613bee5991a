/* SPDX-License-Identifier: MIT */
/*
 * Bytes that wait for a file descriptor to take them, in order.
 */
#ifndef AGENT_QUEUE_H
#define AGENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins as all zero: empty. */
struct queue {
    uint8_t *bytes;
    size_t start; /* of what waits */
    size_t size;  /* of what waits */
    size_t capacity;
};

/* Append; false if no memory is left (nothing was appended). */
bool queue_put(struct queue *queue, const void *bytes, size_t size);

/*
 * Write to 'fd' as much as it takes now; it must not block. False with errno
 * if it is broken; a descriptor that takes nothing now is not.
 */
bool queue_write(struct queue *queue, int fd);

/* Forget everything and free the memory. */
void queue_clear(struct queue *queue);

#endif /* AGENT_QUEUE_H */
