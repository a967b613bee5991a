/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What vmi64-kvm.rom says of itself: KVM's clock, stolen time and EOI. All else
 * is native under KVM, and the kernel has that already.
 */
#define ROM_BACKEND       kvm
#define ROM_PLATFORM      "kvm"
#define ROM_MANUFACTURER  "libpvops"
#define ROM_PRODUCT       "KVM, 64 bit"
#define ROM_VERSION_MAJOR 1
#define ROM_VERSION_MINOR 0
#define ROM_LICENCE       "MIT OR GPL-2.0-only"
#define ROM_CALLS         ROM_CHAPTER(time)
