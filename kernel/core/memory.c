/* SPDX-License-Identifier: MIT */
/*
 * The functions that compilers call by themselves, and libpvops too; strlen().
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* By words first: an instruction moves a word as it moves a byte. */
#ifdef __x86_64__
#define WORDS "q"
#else
#define WORDS "l"
#endif

enum { WORD_BYTES = sizeof(uintptr_t) };

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    size_t words = bytes / WORD_BYTES;
    void *result = to;

    if (words)
        __asm__ volatile("rep movs" WORDS
                         : "+D"(to), "+S"(from), "+c"(words)
                         :
                         : "memory");
    bytes %= WORD_BYTES;
    if (bytes)
        __asm__ volatile("rep movsb"
                         : "+D"(to), "+S"(from), "+c"(bytes)
                         :
                         : "memory");
    return result;
}

void *memset(void *to, int value, size_t bytes)
{
    size_t words = bytes / WORD_BYTES;
    uintptr_t word = (uintptr_t)-1 / 255 * (uint8_t)value;
    void *result = to;

    if (words)
        __asm__ volatile("rep stos" WORDS
                         : "+D"(to), "+c"(words)
                         : "a"(word)
                         : "memory");
    bytes %= WORD_BYTES;
    if (bytes)
        __asm__ volatile("rep stosb"
                         : "+D"(to), "+c"(bytes)
                         : "a"(word)
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

size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}
