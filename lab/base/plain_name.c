/* SPDX-License-Identifier: MIT */
/*
 * Links without blanks.
 *
 * Source: QEMU 7.2 hw/i386/multiboot.c, load_multiboot().
 */
#include "base/plain_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"

const char *plain_name(const char *path, char why[WHY_BYTES])
{
    static struct args links;
    const char *temp;
    char *target;
    bool good;

    if (!strpbrk(path, " \t"))
        return path;
    temp = dirs_temp(why);
    if (!temp)
        return NULL;
    if (strpbrk(temp, " \t")) {
        snprintf(why, WHY_BYTES,
                 "the temporary folder %.300s has a blank in its name, which "
                 "QEMU's Multiboot loader cannot take: set TMPDIR",
                 temp);
        return NULL;
    }
    target = realpath(path, NULL);
    args_add(&links, "%s/plain-%d-%zu", temp, (int)getpid(), links.count);
    good = target && symlink(target, links.v[links.count - 1]) == 0;
    if (!good)
        snprintf(why, WHY_BYTES, "cannot use %.300s: %s", path,
                 strerror(errno));
    free(target);
    return good ? links.v[links.count - 1] : NULL;
}
