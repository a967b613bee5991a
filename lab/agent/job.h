/* SPDX-License-Identifier: MIT */
/*
 * What runs: a program (run.c) or a Xen domain (domain.c), one at a time.
 *
 * Both answer "started" or "failed" themselves, and "ended" when all that the
 * guest wrote has been queued before it.
 */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Start argv[0]; 'argv' is NULL-terminated. */
void run_start(char *const argv[]);

/* True from the answer "started" to the answer "ended". */
bool run_is_active(void);

/* SIGKILL it. */
void run_kill(void);

/* A child process is over, with waitpid()'s status: perhaps it was this. */
void run_child(pid_t pid, int status);

/* To be called after each poll(): ends what has ended. */
void run_step(void);

/* Start Xen's tools; there is no way on without them. */
void domain_setup(void);

/* As above; 'paused': no instruction of it runs until domain_unpause(). */
void domain_start(const char *cfg, bool paused);

/* False if no domain waits for it. */
bool domain_unpause(void);

bool domain_is_active(void);
void domain_kill(void);
void domain_child(pid_t pid, int status);
void domain_step(void);

#endif /* AGENT_JOB_H */
