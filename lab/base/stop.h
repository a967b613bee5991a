/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C and SIGTERM: every loop of pvlab asks here whether to stop.
 */
#ifndef LAB_BASE_STOP_H
#define LAB_BASE_STOP_H

#include <stdbool.h>

/* Catch SIGINT, SIGTERM and SIGHUP from now on; ignore SIGPIPE, SIGXFSZ. */
void stop_setup(void);

/* True once one of them has arrived. */
bool stop_requested(void);

/* 128 and the signal's number: pvlab's exit status then. */
int stop_status(void);

#endif /* LAB_BASE_STOP_H */
