/* SPDX-License-Identifier: MIT */
/*
 * What the main loop and the configuration's writer know about a domain.
 */
#ifndef AGENT_DOMAIN_H
#define AGENT_DOMAIN_H

#include <poll.h>

/* Fill in what to wait for; after poll(), answer libxl (xen.c). */
void xen_poll(struct pollfd *fd);
void xen_ready(const struct pollfd *fd);

/* Fill in what to wait for; after poll(), read xl's messages. */
void domain_poll(struct pollfd *fd);
void domain_ready(const struct pollfd *fd);

#endif /* AGENT_DOMAIN_H */
