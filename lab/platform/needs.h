/* SPDX-License-Identifier: MIT */
/*
 * What a platform needs on this machine, and whether it is there.
 */
#ifndef LAB_PLATFORM_NEEDS_H
#define LAB_PLATFORM_NEEDS_H

#include <stdbool.h>

#include "base/dirs.h"
#include "platform/cache.h"
#include "platform/platform.h"

/* Does a boot there take this component? 'debian': it is Debian's kernel. */
bool needs_component(const struct platform *platform, bool debian,
                     enum component component);

/*
 * Is everything there that is not fetched? 'uefi': it is asked for, besides
 * where the platform has it anyway. Errors: false, with a sentence in 'why'
 * that names what is missing and Debian's package of it.
 */
bool needs_installed(const struct platform *platform, bool uefi,
                     char why[WHY_BYTES]);

/* What can be fetched but is not there: true, with its name. */
bool needs_fetch(const struct platform *platform, bool debian,
                 enum component *out_component);

/* Is the program in PATH? */
bool needs_program(const char *program);

/* Debian's OVMF, or NULL if it is not installed. */
const char *needs_ovmf_code(void);
const char *needs_ovmf_vars(void);

/* The SeaBIOS of 128 KiB; NULL: it is not installed. */
const char *needs_seabios(void);

/* Path of the platform's own ROM, the caller's to free; NULL: it has none. */
char *needs_rom(const struct platform *platform);

/* Path of the shim, the caller's to free. */
char *needs_shim(void);

#endif /* LAB_PLATFORM_NEEDS_H */
