/* SPDX-License-Identifier: MIT */
/*
 * What the part of libxenshim.a that is in the kernel's image (archive.S) tells
 * the shim of it. Virtual addresses, as the kernel is linked.
 */
#ifndef SHIM_RING0_IMAGE_H
#define SHIM_RING0_IMAGE_H

#include <stdint.h>

struct ring0_image {
    uint64_t self; /* of this struct */
    uint64_t begin, end;
    uint64_t notes, notes_end;
};

#endif /* SHIM_RING0_IMAGE_H */
