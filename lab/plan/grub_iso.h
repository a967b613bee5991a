/* SPDX-License-Identifier: MIT */
/*
 * A bootable ISO around a kernel that QEMU's own loader cannot take.
 */
#ifndef LAB_PLAN_GRUB_ISO_H
#define LAB_PLAN_GRUB_ISO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/dirs.h"

struct grub_kernel {
    const char *kernel;
    unsigned door; /* DOOR_MULTIBOOT1, DOOR_MULTIBOOT2 or DOOR_LINUX */
    const char *append;
    const char *initrd; /* NULL: none */
    const char *const *modules;
    size_t module_count;
};

/*
 * Write an ISO for BIOS and, where Debian's grub-efi-amd64-bin is installed,
 * UEFI. GRUB prints nothing and waits for nobody.
 *
 * Errors: false with a sentence in 'why'; "missing" tells that a program is
 *         not installed.
 */
bool grub_iso(const struct grub_kernel *kernel, const char *iso, bool uefi,
              char why[WHY_BYTES]);

#endif /* LAB_PLAN_GRUB_ISO_H */
