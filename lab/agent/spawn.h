/* SPDX-License-Identifier: MIT */
/*
 * Starting a program.
 */
#ifndef AGENT_SPAWN_H
#define AGENT_SPAWN_H

#include <sys/types.h>

/*
 * Start argv[0] (a path) with descriptors 0, 1 and 2 as given, -1 for
 * /dev/null; every other descriptor of ours is close-on-exec.
 *
 * Returns the process, or -1 with errno: that of execve() too, so a program
 * that is missing or no program is told from one that ends with a status.
 */
pid_t spawn(char *const argv[], int in, int out, int err);

#endif /* AGENT_SPAWN_H */
