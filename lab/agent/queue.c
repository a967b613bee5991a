/* SPDX-License-Identifier: MIT */
/*
 * A byte queue that grows as needed; its user bounds it.
 */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool queue_put(struct queue *queue, const void *bytes, size_t size)
{
    if (!size)
        return true;

    if (queue->start + queue->size + size > queue->capacity && queue->start) {
        memmove(queue->bytes, queue->bytes + queue->start, queue->size);
        queue->start = 0;
    }

    if (queue->size + size > queue->capacity) {
        size_t capacity = 2 * (queue->size + size);
        uint8_t *grown = realloc(queue->bytes, capacity);

        if (!grown)
            return false;
        queue->bytes = grown;
        queue->capacity = capacity;
    }

    memcpy(queue->bytes + queue->start + queue->size, bytes, size);
    queue->size += size;
    return true;
}

bool queue_write(struct queue *queue, int fd)
{
    while (queue->size) {
        ssize_t n = write(fd, queue->bytes + queue->start, queue->size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        queue->start += (size_t)n;
        queue->size -= (size_t)n;
    }
    queue->start = 0;
    return true;
}

void queue_clear(struct queue *queue)
{
    free(queue->bytes);
    *queue = (struct queue){ 0 };
}
