/* SPDX-License-Identifier: MIT */
/*
 * A pipe: bytes in a ring, and who waits at its two ends.
 */
#ifndef PVK_PROC_PIPE_H
#define PVK_PROC_PIPE_H

#include <stdbool.h>
#include <stdint.h>

struct pipe;

struct pipe *pipe_new(void); /* both ends open; NULL: no memory */

/* One of the ends has no holder any more. */
void pipe_close(struct pipe *pipe, bool write_end);

/* As read() and write() of the current process: -ERRNO. */
long pipe_read(struct pipe *pipe, uint64_t to, uint64_t bytes);
long pipe_write(struct pipe *pipe, uint64_t from, uint64_t bytes);

#endif /* PVK_PROC_PIPE_H */
