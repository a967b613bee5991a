/* SPDX-License-Identifier: MIT */
/*
 * Frames that the guest gives back are kept for it, and given to it again.
 */
#ifndef SHIM_DOMAIN_BALLOON_H
#define SHIM_DOMAIN_BALLOON_H

#include <stdbool.h>
#include <stdint.h>

/* Pages that it had at the beginning. */
uint64_t balloon_most(void);

/*
 * An extent of 2^order frames. 'at': the guest's address of its first frame's
 * number; 'physmap': it is a pseudo-physical one, and becomes the machine's.
 */
bool balloon_give(uint64_t at, unsigned order);
bool balloon_take(uint64_t at, unsigned order, bool physmap);

/* XENMEM_exchange; 0, or -XEN_E*. */
long balloon_exchange(uint64_t argument);

#endif /* SHIM_DOMAIN_BALLOON_H */
