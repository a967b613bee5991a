/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What vmi64-native.rom says of itself: bare metal, every call. */
#define ROM_BACKEND       native
#define ROM_PLATFORM      "native"
#define ROM_MANUFACTURER  "libpvops"
#define ROM_PRODUCT       "native operations, 64 bit"
#define ROM_VERSION_MAJOR 1
#define ROM_VERSION_MINOR 0
#define ROM_LICENCE       "MIT OR GPL-2.0-only"
#define ROM_CALLS         ROM_EVERY_CALL
