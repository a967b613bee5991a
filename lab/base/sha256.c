/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 by nettle.
 */
#include "base/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <nettle/sha2.h>

static void finish(struct sha256_ctx *context, char text[65])
{
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_digest(context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

void sha256_texts(const char *const *texts, size_t count, char text[65])
{
    struct sha256_ctx context;

    sha256_init(&context);
    for (size_t i = 0; i < count; i++)
        sha256_update(&context, strlen(texts[i]) + 1,
                      (const uint8_t *)texts[i]);
    finish(&context, text);
}

void sha256_bytes(const void *bytes, size_t size, char text[65])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, size, bytes);
    finish(&context, text);
}

bool sha256_file(const char *path, char text[65])
{
    uint8_t bytes[1 << 14];
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
    finish(&context, text);
    return true;
}
