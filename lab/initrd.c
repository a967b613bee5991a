/* SPDX-License-Identifier: MIT */
/*
 * One archive of init or modules and the user's initrd.
 */
#include "initrd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "args.h"
#include "newc.h"

/* An init that says where it finds itself. */
static bool pack_probe(const char *path, char why[WHY_BYTES])
{
    char *init = text_new("%s/probe-init", dirs_libexec());
    struct newc *newc = newc_open(path, why);
    bool good = newc != NULL;

    if (newc) {
        newc_file(newc, "init", 0755, init);
        good = newc_close(newc, why);
    }
    free(init);
    return good;
}

static bool pack_modules(const char *path, const struct boot_options *options,
                         char why[WHY_BYTES])
{
    struct newc *newc = newc_open(path, why);

    for (size_t i = 0; newc && i < options->module_count; i++) {
        char name[32];

        snprintf(name, sizeof(name), "pvops/mod/%zu", i);
        newc_file(newc, name, 0644, options->modules[i]);
    }
    return newc && newc_close(newc, why);
}

bool initrd_pack(const char *path, const struct boot_options *options,
                 bool probe, char why[WHY_BYTES])
{
    bool good = true;

    /* A plan may be made again: archives are appended to. */
    unlink(path);
    if (probe)
        good = pack_probe(path, why);
    else if (options->module_count)
        good = pack_modules(path, options, why);
    if (good && options->initrd)
        good = newc_append(path, options->initrd, why);
    return good;
}
