/* SPDX-License-Identifier: MIT */
/*
 * The ways into pvk: what the entry code hands to kernel_start() first.
 *
 * Macros, because assembly reads them too.
 */
#ifndef PVK_BOOT_DOORS_H
#define PVK_BOOT_DOORS_H

#define DOOR_PVH        1
#define DOOR_MULTIBOOT1 2
#define DOOR_MULTIBOOT2 3
#define DOOR_XEN_PV     4

#endif /* PVK_BOOT_DOORS_H */
