/* SPDX-License-Identifier: MIT */
/*
 * Whether this machine's KVM is worth its name.
 */
#ifndef LAB_PLATFORM_ACCEL_H
#define LAB_PLATFORM_ACCEL_H

#include <stdbool.h>

#include "config/options.h"

/*
 * True if KVM is to be used. ACCEL_KVM: as asked. ACCEL_AUTO: only if
 * /dev/kvm can be opened and a short loop runs faster under it than under
 * QEMU's software CPU; 'say' is told which was chosen, and the two times.
 */
bool accel_choose(enum accel accel, void (*say)(const char *text));

#endif /* LAB_PLATFORM_ACCEL_H */
