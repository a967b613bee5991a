/* SPDX-License-Identifier: MIT */
/*
 * Commands of pvlab, and what the channels are joined to meanwhile.
 */
#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Say "ready". 'xen': domains can be started. */
void session_begin(bool xen);

/* A frame from pvlab. */
void session_take(enum agent_channel channel, const uint8_t *bytes,
                  size_t size);

#endif /* AGENT_SESSION_H */
