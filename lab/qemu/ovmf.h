/* SPDX-License-Identifier: MIT */
/*
 * Debian's OVMF as one image for QEMU's -bios, quick in a nested guest.
 */
#ifndef LAB_QEMU_OVMF_H
#define LAB_QEMU_OVMF_H

#include <stdint.h>

#include "base/dirs.h"

/* Its size: from FED40000h, where a TPM would be, to 4 GiB. */
enum { OVMF_BYTES = 0x12c0000 };

/*
 * OVMF_BYTES that end at 4 GiB: FFh, then 'vars', then 'code', as EDK II lays
 * them out. Without flash, OVMF keeps its variables in memory.
 *
 * Where nothing is, QEMU reads 0 and a PC FFh. OVMF asks at FED40000h, takes
 * 0 for a TPM, and waits for that one's answer, 750 ms in steps of 30 us, each
 * several exits: three quarters of a nested boot. FFh is no TPM.
 * Source: TCG PC Client Platform TPM Profile (the address); EDK II
 *         SecurityPkg/Library/Tpm2DeviceLibDTpm/Tpm2Ptp.c,
 *         Tpm2IsPtpPresence(), and Tpm2Tis.c. Counted: docs/outer.md.
 *
 * Owns: the caller frees it.
 * Errors: NULL, with a sentence in 'why'.
 */
uint8_t *ovmf_image(const char *code, const char *vars, char why[WHY_BYTES]);

#endif /* LAB_QEMU_OVMF_H */
