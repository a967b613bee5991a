/* SPDX-License-Identifier: MIT */
/*
 * newc cpio archives, as Linux unpacks for its initramfs. Several of them,
 * one after the other, are one initramfs.
 */
#ifndef LAB_BASE_NEWC_H
#define LAB_BASE_NEWC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/dirs.h"

struct newc;

/* Start an archive at the end of 'path'. NULL with 'why' if it cannot. */
struct newc *newc_open(const char *path, char why[WHY_BYTES]);

/*
 * Members; 'name' is without a leading slash, missing folders are made. The
 * first failure is remembered and told by newc_close().
 */
void newc_bytes(struct newc *newc, const char *name, mode_t mode,
                const void *bytes, size_t size);
void newc_file(struct newc *newc, const char *name, mode_t mode,
               const char *from);
/* The same without its folders, for the archive's first member. */
void newc_file_first(struct newc *newc, const char *name, mode_t mode,
                     const char *from);
void newc_link(struct newc *newc, const char *name, const char *target);

/* True if everything was written; else false with 'why'. */
bool newc_close(struct newc *newc, char why[WHY_BYTES]);

/* Copy the bytes of a file to the end of another, padded to 4 bytes. */
bool newc_append(const char *path, const char *from, char why[WHY_BYTES]);

#endif /* LAB_BASE_NEWC_H */
