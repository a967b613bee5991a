/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 gives the standard's own results, and pads right at every length.
 *
 * Source: FIPS 180-2, appendix B ("abc", 56 bytes, a million 'a'), and NIST's
 *         SHAVS short messages (empty, 1 byte); the chain's result is
 *         Python's hashlib's for the same bytes.
 *
 * Tried: LENGTH_BYTES left out of 'end', a constant's digit, 'majority' with
 * v[3]: each fails here.
 */
#include "pvtest.h"

#include <stdlib.h>

#include "sha256.h"

static void expect(const char *want, const void *data, size_t bytes)
{
    uint8_t hash[32];
    char text[65];

    pvi_sha256(data, bytes, hash);
    for (unsigned i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    EXPECT_STR(want, text);
}

PVTEST(nothing, "no byte at all")
{
    expect("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
           "", 0);
}

PVTEST(one_block, "\"abc\", and a single byte")
{
    static const uint8_t byte = 0xd3;

    expect("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
           "abc", 3);
    expect("28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1",
           &byte, 1);
}

PVTEST(two_blocks, "56 bytes: the length has no room in the first block")
{
    const char *text =
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    expect("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
           text, strlen(text));
}

PVTEST(many_blocks, "a million 'a', not aligned")
{
    enum { BYTES = 1000000 };
    char *text = malloc(BYTES + 1);

    memset(text, 'a', BYTES + 1);
    expect("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
           text + 1, BYTES);
    free(text);
}

PVTEST(every_length, "0 to 129 bytes: the hash of their hashes")
{
    uint8_t hashes[130 * 32], bytes[130];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        pvi_sha256(bytes, i, hashes + 32 * i);
    expect("105812602bb337abca31d9f6bf3a57a3907500005fad7c01e1e1140aa77e4499",
           hashes, sizeof(hashes));
}
