/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 as hexadecimal digits.
 */
#ifndef LAB_BASE_SHA256_H
#define LAB_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>

/* False, and an empty text, if the file cannot be read. */
bool sha256_file(const char *path, char text[65]);

void sha256_bytes(const void *bytes, size_t size, char text[65]);

/* Of several texts, each with its final NUL. */
void sha256_texts(const char *const *texts, size_t count, char text[65]);

#endif /* LAB_BASE_SHA256_H */
