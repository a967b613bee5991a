/* SPDX-License-Identifier: MIT */
/*
 * How a guest was entered; the entry code hands one of these to start().
 *
 * Macros, because assembly reads them too.
 */
#ifndef GUEST_DOORS_H
#define GUEST_DOORS_H

#define DOOR_PVH        1
#define DOOR_MULTIBOOT1 2
#define DOOR_MULTIBOOT2 3
#define DOOR_XEN_PV     4

#endif /* GUEST_DOORS_H */
