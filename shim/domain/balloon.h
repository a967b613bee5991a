/* SPDX-License-Identifier: MIT */
/*
 * Frames that are nobody's: what the guest gave back, and a reserve that it can
 * have in exchange for others, where a device needs memory without gaps.
 */
#ifndef SHIM_DOMAIN_BALLOON_H
#define SHIM_DOMAIN_BALLOON_H

#include <stdbool.h>
#include <stdint.h>

enum { BALLOON_ORDER_MOST = 9 };

/*
 * Keep frames back, before domain.pages is counted. 'keep' says of a frame
 * whether it may be.
 */
void balloon_reserve(bool (*may_keep)(uint64_t frame));

/* Pages that it had at the beginning. */
uint64_t balloon_most(void);

/*
 * An extent of 2^order frames. 'at': the guest's address of its first frame's
 * number; 'physmap': it is a pseudo-physical one, and becomes the machine's.
 */
bool balloon_give(uint64_t at, unsigned order);
bool balloon_take(uint64_t at, unsigned order, bool physmap);

/*
 * XENMEM_exchange; 0, or -XEN_E*. Of 0 'out_more' says whether it is to be made
 * again for the rest: its argument tells from where on.
 */
long balloon_exchange(uint64_t argument, bool *out_more);

#endif /* SHIM_DOMAIN_BALLOON_H */
