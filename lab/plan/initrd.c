/* SPDX-License-Identifier: MIT */
/*
 * One archive of ROM, init or modules, and the user's initrd.
 */
#include "plan/initrd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "abi/vmi64.h"
#include "base/args.h"
#include "base/newc.h"

/* An init that says where it finds itself. */
static void pack_probe(struct newc *newc)
{
    char *init = text_new("%s/probe-init", dirs_libexec());

    newc_file(newc, "init", 0755, init);
    free(init);
}

static void pack_modules(struct newc *newc, const struct boot_options *options)
{
    for (size_t i = 0; i < options->module_count; i++) {
        char name[32];

        snprintf(name, sizeof(name), "pvops/mod/%zu", i);
        newc_file(newc, name, 0644, options->modules[i]);
    }
}

bool initrd_pack(const char *path, const struct boot_options *options,
                 const char *rom, bool probe, char why[WHY_BYTES])
{
    struct newc *newc;

    /* A plan may be made again: archives are appended to. */
    unlink(path);
    if (rom || probe || options->module_count) {
        newc = newc_open(path, why);
        if (!newc)
            return false;
        if (rom)
            newc_file_first(newc, VMI64_MODULE_NAME, 0644, rom);
        if (probe)
            pack_probe(newc);
        else
            pack_modules(newc, options);
        if (!newc_close(newc, why))
            return false;
    }
    return !options->initrd || newc_append(path, options->initrd, why);
}
