/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 of a file, as hexadecimal digits.
 */
#ifndef LAB_SHA256_H
#define LAB_SHA256_H

#include <stdbool.h>

/* False, and an empty text, if the file cannot be read. */
bool sha256_file(const char *path, char text[65]);

#endif /* LAB_SHA256_H */
