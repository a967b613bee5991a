/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What vmi64-xen_pv.rom says of itself: 64-bit PV domains of Xen. */
#define ROM_BACKEND       xen_pv
#define ROM_PLATFORM      "xen_pv"
#define ROM_MANUFACTURER  "libpvops"
#define ROM_PRODUCT       "Xen PV domains, 64 bit"
#define ROM_VERSION_MAJOR 1
#define ROM_VERSION_MINOR 0
#define ROM_LICENCE       "MIT OR GPL-2.0-only"
#define ROM_XEN_PV        1
#define ROM_CALLS         ROM_EVERY_CALL
