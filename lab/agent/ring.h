/* SPDX-License-Identifier: MIT */
/*
 * A Xen domain's console ring, as a stream socket.
 */
#ifndef AGENT_RING_H
#define AGENT_RING_H

#include <sys/types.h>

/*
 * Relay the ring of domain 'domid', whose event channel is 'port' there.
 *
 * Returns the relay's process and the socket, or -1 with errno. When the
 * socket's writing side is shut down, the relay passes on what is left in the
 * ring and closes it: the ring stays mapped even if the domain is destroyed
 * before. Guest output waits in the ring while nobody reads the socket.
 */
pid_t ring_relay(unsigned domid, unsigned port, int *out_socket);

#endif /* AGENT_RING_H */
