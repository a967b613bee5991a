/* SPDX-License-Identifier: MIT */
/*
 * The four functions that compilers call by themselves, and libpvops too.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    void *result = to;

    __asm__ volatile("rep movsb"
                     : "+D"(to), "+S"(from), "+c"(bytes)
                     :
                     : "memory");
    return result;
}

void *memset(void *to, int value, size_t bytes)
{
    void *result = to;

    __asm__ volatile("rep stosb"
                     : "+D"(to), "+c"(bytes)
                     : "a"(value)
                     : "memory");
    return result;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if (out <= in || out >= in + bytes)
        return memcpy(to, from, bytes);
    while (bytes--)
        out[bytes] = in[bytes];
    return to;
}

int memcmp(const void *one, const void *other, size_t bytes)
{
    const uint8_t *a = one, *b = other;

    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i])
            return a[i] - b[i];
    }
    return 0;
}
