/* SPDX-License-Identifier: MIT */
/*
 * Disk images: which form they have, and whether they can be trusted to be
 * only themselves.
 */
#ifndef LAB_IMAGE_DISK_H
#define LAB_IMAGE_DISK_H

#include <stdbool.h>

#include "base/dirs.h"

/* "qcow2" by its magic; everything else is "raw", whatever it contains. */
const char *disk_format(const char *file);

/*
 * Does the image stand alone? A qcow2 may name a backing file or an external
 * data file, which QEMU would open: any file of this machine, for the guest
 * to read.
 *
 * Errors: false with a sentence in 'why'.
 */
bool disk_alone(const char *file, char why[WHY_BYTES]);

#endif /* LAB_IMAGE_DISK_H */
