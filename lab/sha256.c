/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 by nettle.
 */
#include "sha256.h"

#include <stdint.h>
#include <stdio.h>

#include <nettle/sha2.h>

bool sha256_file(const char *path, char text[65])
{
    uint8_t bytes[1 << 14], digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    FILE *file = fopen(path, "re");
    size_t n;
    bool good;

    text[0] = '\0';
    if (!file)
        return false;
    sha256_init(&context);
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
        sha256_update(&context, n, bytes);
    good = !ferror(file);
    fclose(file);
    if (!good)
        return false;
    sha256_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return true;
}
