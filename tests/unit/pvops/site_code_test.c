/* SPDX-License-Identifier: MIT */
/*
 * The bytes of sites, for both widths: what is read, what is made.
 *
 * The bytes were compared with objdump -d (binutils 2.40); each is one
 * instruction there, or the body's.
 *
 * Tried: pvi_site_direct() with UINT32_MAX - 1, with 66 instead of 67, or with
 * the distance from the start of the site; pvi_site_inline() with the padding
 * behind the body: each fails here.
 */
#include "pvtest.h"

#include "site_code.h"

static uint8_t out[PVI_SITE_BYTES];

static void expect_bytes(const char *want)
{
    char got[3 * PVI_SITE_BYTES];

    for (unsigned i = 0; i < PVI_SITE_BYTES; i++)
        sprintf(got + 3 * i, i == 5 ? "%02x" : "%02x ", out[i]);
    EXPECT_STR(want, got);
}

PVTEST(direct_call, "addr32 call, addr32 jmp: one instruction of 6 bytes")
{
    EXPECT(pvi_site_direct(out, 0x1000, 64, 0x2000, false));
    expect_bytes("67 e8 fa 0f 00 00");
    EXPECT(pvi_site_direct(out, 0x2000, 64, 0x1000, true));
    expect_bytes("67 e9 fa ef ff ff");
    EXPECT(pvi_site_direct(out, 0x1000, 32, 0x2000, false));
    expect_bytes("67 e8 fa 0f 00 00");
}

PVTEST(direct_range, "2 GiB from the end of the site, and not a byte more")
{
    const uint64_t at = UINT64_C(0xffffffff80000000);

    EXPECT(pvi_site_direct(out, at, 64, at + 6 + 0x7fffffff, false));
    expect_bytes("67 e8 ff ff ff 7f");
    EXPECT(!pvi_site_direct(out, at, 64, at + 6 + 0x80000000, false));
    EXPECT(pvi_site_direct(out, at, 64, at + 6 - 0x80000000, false));
    expect_bytes("67 e8 00 00 00 80");
    EXPECT(!pvi_site_direct(out, at, 64, at + 5 - 0x80000000, false));
    EXPECT(!pvi_site_direct(out, at, 64, 0x1000, false));
    /* In 32 bits everything is in reach. */
    EXPECT(pvi_site_direct(out, 0x1000, 32, 0xfffff000, false));
    expect_bytes("67 e8 fa df ff ff");
}

PVTEST(direct_and_back, "what is made is read")
{
    static const uint64_t targets[] = { 0, 5, 6, 7, 0x7ffffff0, 0xffffffff };
    uint64_t to;

    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        for (unsigned bits = 32; bits <= 64; bits += 32) {
            if (pvi_site_direct(out, 0x100000, bits, targets[i], false)) {
                EXPECT_EQ(PVI_SITE_CALL,
                          pvi_site_read(out, 0x100000, bits, &to));
                EXPECT_EQ(targets[i], to);
            }
            if (pvi_site_direct(out, 0x100000, bits, targets[i], true)) {
                EXPECT_EQ(PVI_SITE_JUMP,
                          pvi_site_read(out, 0x100000, bits, &to));
                EXPECT_EQ(targets[i], to);
            }
        }
    }
}

PVTEST(table, "call *slot, jmp *slot")
{
    static const uint8_t call[] = { 0xff, 0x15, 0xf8, 0xff, 0xff, 0xff };
    static const uint8_t jump[] = { 0xff, 0x25, 0x08, 0x00, 0x00, 0x00 };
    uint64_t to;

    EXPECT_EQ(PVI_SITE_TABLE_CALL, pvi_site_read(call, 0x1000, 64, &to));
    EXPECT_EQ(0xffe, to);
    EXPECT_EQ(PVI_SITE_TABLE_CALL, pvi_site_read(call, 0x1000, 32, &to));
    EXPECT_EQ(0xfffffff8, to);
    EXPECT_EQ(PVI_SITE_TABLE_JUMP, pvi_site_read(jump, 0x1000, 64, &to));
    EXPECT_EQ(0x100e, to);
    EXPECT_EQ(PVI_SITE_TABLE_JUMP, pvi_site_read(jump, 0x1000, 32, &to));
    EXPECT_EQ(0x8, to);
}

PVTEST(other, "no other first two bytes are a site")
{
    unsigned known = 0;

    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            uint8_t bytes[PVI_SITE_BYTES] = { (uint8_t)first, (uint8_t)second };
            uint64_t to = 1;

            if (pvi_site_read(bytes, 0, 64, &to) == PVI_SITE_OTHER)
                EXPECT_EQ(0, to);
            else
                known++;
        }
    }
    EXPECT_EQ(4, known);
}

PVTEST(inline_bodies, "prefixes first, never a NOP behind; empty is one NOP")
{
    static const uint8_t code[] = { 1, 2, 3, 4, 5, 6, 7 };
    struct pvi_body body = { .length = 1, .pad = 0x2e, .kind = PVI_BODY_CODE };

    EXPECT(pvi_site_inline(out, &body, code, 64));
    expect_bytes("2e 2e 2e 2e 2e 01");
    body.length = 5;
    EXPECT(pvi_site_inline(out, &body, code, 64));
    expect_bytes("2e 01 02 03 04 05");
    body.length = 6;
    EXPECT(pvi_site_inline(out, &body, code, 64));
    expect_bytes("01 02 03 04 05 06");
    body.length = 7;
    EXPECT(!pvi_site_inline(out, &body, code, 64));
    body.length = 0;
    EXPECT(pvi_site_inline(out, &body, code, 64));
    expect_bytes("66 0f 1f 44 00 00");
    EXPECT(pvi_site_inline(out, &body, code, 32));
    expect_bytes("8d b6 00 00 00 00");
}
