/* SPDX-License-Identifier: MIT */
/*
 * Names of files for QEMU's Multiboot loader, which ends a module's name at
 * its first blank and takes the rest for the module's command line.
 */
#ifndef LAB_BASE_PLAIN_NAME_H
#define LAB_BASE_PLAIN_NAME_H

#include "base/dirs.h"

/*
 * 'path' itself, or if it has a blank a link to it in the temporary folder.
 * Valid until the program ends.
 *
 * Errors: NULL with a sentence in 'why'.
 */
const char *plain_name(const char *path, char why[WHY_BYTES]);

#endif /* LAB_BASE_PLAIN_NAME_H */
