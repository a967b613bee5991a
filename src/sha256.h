/* SPDX-License-Identifier: MIT */
/*
 * SHA-256, by which a kernel's owner knows a ROM.
 */
#ifndef PVOPS_SHA256_H
#define PVOPS_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Of 'bytes' bytes from 'data' on; the first byte is the most significant one.
 */
void pvi_sha256(const void *data, size_t bytes, uint8_t out[32]);

#endif /* PVOPS_SHA256_H */
