/* SPDX-License-Identifier: MIT */
/*
 * Installed programs, and what the cache must hold.
 */
#include "platform/needs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"

bool needs_program(const char *program)
{
    const char *path = getenv("PATH");
    char *copy = text_new("%s", path ? path : "/usr/bin:/bin");
    char *rest = copy, *dir;
    bool found = false;

    while (!found && (dir = strsep(&rest, ":"))) {
        char *file = text_new("%s/%s", dir, program);

        found = access(file, X_OK) == 0;
        free(file);
    }
    free(copy);
    return found;
}

bool needs_component(const struct platform *platform, bool debian,
                     enum component component)
{
    switch (component) {
    case COMPONENT_LINUX:
        return debian || platform->outer != OUTER_NONE;
    case COMPONENT_XEN:
        return platform->domain != DOMAIN_NONE && !platform->shim;
    case COMPONENT_XENTOOLS:
        return platform->kind == PLATFORM_DOMU;
    case COMPONENT_COUNT:
        break;
    }
    return false;
}

static const char *first_readable(const char *const *paths)
{
    for (; *paths; paths++) {
        if (access(*paths, R_OK) == 0)
            return *paths;
    }
    return NULL;
}

const char *needs_ovmf_code(void)
{
    static const char *const paths[] = { "/usr/share/OVMF/OVMF_CODE_4M.fd",
                                         "/usr/share/OVMF/OVMF_CODE.fd", NULL };

    return first_readable(paths);
}

const char *needs_ovmf_vars(void)
{
    static const char *const paths[] = { "/usr/share/OVMF/OVMF_VARS_4M.fd",
                                         "/usr/share/OVMF/OVMF_VARS.fd", NULL };

    return first_readable(paths);
}

const char *needs_seabios(void)
{
    static const char *const paths[] = { "/usr/share/seabios/bios.bin", NULL };

    return first_readable(paths);
}

char *needs_rom(const struct platform *platform)
{
    if (!platform->rom)
        return NULL;
    return text_new("%s/%s", dirs_libexec(), platform->rom);
}

char *needs_shim(void)
{
    return text_new("%s/%s", dirs_libexec(), PLATFORM_SHIM_FILE);
}

static bool shim_there(const struct platform *platform)
{
    char *path = needs_shim();
    bool there = !platform->shim || access(path, R_OK) == 0;

    free(path);
    return there;
}

static bool rom_there(const struct platform *platform)
{
    char *path = needs_rom(platform);
    bool there = !path || access(path, R_OK) == 0;

    free(path);
    return there;
}

bool needs_fetch(const struct platform *platform, bool debian,
                 enum component *out_component)
{
    for (int i = 0; i < COMPONENT_COUNT; i++) {
        *out_component = (enum component)i;
        if (needs_component(platform, debian, *out_component) &&
            !cache_ready(*out_component))
            return true;
    }
    return false;
}

bool needs_installed(const struct platform *platform, bool uefi,
                     char why[WHY_BYTES])
{
    if (!needs_program("qemu-system-x86_64")) {
        snprintf(why, WHY_BYTES,
                 "qemu-system-x86_64 is not installed (Debian: "
                 "qemu-system-x86)");
        return false;
    }
    if ((uefi || platform->uefi) &&
        (!needs_ovmf_code() || !needs_ovmf_vars())) {
        snprintf(why, WHY_BYTES, "OVMF is not installed (Debian: ovmf)");
        return false;
    }
    if (!rom_there(platform)) {
        snprintf(why, WHY_BYTES, "%s is not built (make rom)", platform->rom);
        return false;
    }
    if (!shim_there(platform)) {
        snprintf(why, WHY_BYTES,
                 PLATFORM_SHIM_FILE " is not built (make shim)");
        return false;
    }
    return true;
}
