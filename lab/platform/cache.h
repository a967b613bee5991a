/* SPDX-License-Identifier: MIT */
/*
 * What pvlab runs of Debian's packages, fetched once into its cache.
 */
#ifndef LAB_PLATFORM_CACHE_H
#define LAB_PLATFORM_CACHE_H

#include <stdbool.h>

#include "base/dirs.h"

enum component {
    COMPONENT_LINUX,    /* vmlinuz, modules/ */
    COMPONENT_XEN,      /* xen.elf */
    COMPONENT_XENTOOLS, /* root of the unpacked xl toolstack */
    COMPONENT_COUNT,
};

/* The component's folder; it need not exist. */
const char *cache_path(enum component component);

/*
 * The file of Debian's kernel that boots fastest: the ELF that its bzImage
 * packs. To be asked once the component is there.
 */
const char *cache_vmlinux(void);

/* Is it there? */
bool cache_ready(enum component component);

/*
 * Fetch it if it is not there; one process at a time. 'progress' is told
 * what goes on, if it takes time.
 *
 * Errors: false, with a sentence in 'why'; nothing is left half-fetched.
 */
bool cache_need(enum component component, void (*progress)(const char *text),
                char why[WHY_BYTES]);

/* Why the last cache_need() of it failed, or that none was tried. */
void cache_missing(enum component component, char why[WHY_BYTES]);

#endif /* LAB_PLATFORM_CACHE_H */
