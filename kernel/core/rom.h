/* SPDX-License-Identifier: MIT */
/*
 * Whether a backend may come as a ROM, and from where.
 */
#ifndef PVK_CORE_ROM_H
#define PVK_CORE_ROM_H

#include <pvops/rom.h>

/*
 * For pvops_setup(): the boot information is checked by now. NULL: this build
 * takes none, or the command line says rom=no.
 */
const struct pvops_rom_options *rom_options(void);

/* For pvops_host_rom(): any ROM, or the one that rom=SHA256 names. */
bool rom_allowed(const struct pvops_rom *rom);

/* Once paging is pvk's own: nothing writes to the ROM's copy any more. */
void rom_protect(void);

/* Which ROM is in use, if one is, and which calls it serves. */
void rom_describe(void);

#endif /* PVK_CORE_ROM_H */
