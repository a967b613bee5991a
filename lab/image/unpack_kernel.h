/* SPDX-License-Identifier: MIT */
/*
 * The ELF that a bzImage packs, as a file: entered by its PVH note, or by
 * Xen, it saves the software CPU the unpacking at every boot.
 */
#ifndef LAB_IMAGE_UNPACK_KERNEL_H
#define LAB_IMAGE_UNPACK_KERNEL_H

#include <stdbool.h>

#include "base/dirs.h"

/* Errors: false with a sentence in 'why'; 'to' may then be incomplete. */
bool unpack_kernel(const char *from, const char *to, char why[WHY_BYTES]);

#endif /* LAB_IMAGE_UNPACK_KERNEL_H */
