/* SPDX-License-Identifier: MIT */
/*
 * Encoding and decoding of a call site.
 *
 * Source: SDM volume 2: CALL, JMP (FF /2, FF /4, E8, E9), NOP (recommended
 *         forms), and "RIP-Relative Addressing".
 */
#include "site_code.h"

/*
 * In front of E8 and E9: one instruction of 6 bytes, as GNU ld writes it when
 * it relaxes "call *f@GOTPCREL(%rip)" (ld manual, -z call-nop=prefix-addr; the
 * x86-64 and i386 psABIs, "linker optimization"). The address size has no say
 * in the size of a relative displacement; 66 would.
 */
#define ADDRESS_SIZE 0x67

/* "nopw 0(%rax,%rax)", and for i386 what older processors have too. */
static const uint8_t nop_64[PVI_SITE_BYTES] = { 0x66, 0x0f, 0x1f,
                                                0x44, 0x00, 0x00 };
/* "lea 0(%esi), %esi" with a displacement of 32 bits: changes nothing. */
static const uint8_t nop_32[PVI_SITE_BYTES] = { 0x8d, 0xb6, 0x00,
                                                0x00, 0x00, 0x00 };

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
           (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The place that a displacement counted from the end of the site leads to. */
static uint64_t relative(uint64_t address, unsigned bits, uint32_t distance)
{
    uint64_t to =
        address + PVI_SITE_BYTES + (uint64_t)(int64_t)(int32_t)distance;

    return bits == 64 ? to : (uint32_t)to;
}

enum pvi_site_kind pvi_site_read(const uint8_t bytes[PVI_SITE_BYTES],
                                 uint64_t address, unsigned bits,
                                 uint64_t *out_to)
{
    uint32_t operand = get32(bytes + 2);

    if (bytes[0] == 0xff && (bytes[1] == 0x15 || bytes[1] == 0x25)) {
        *out_to = bits == 64 ? relative(address, bits, operand) : operand;
        return bytes[1] == 0x15 ? PVI_SITE_TABLE_CALL : PVI_SITE_TABLE_JUMP;
    }
    if (bytes[0] == ADDRESS_SIZE && (bytes[1] == 0xe8 || bytes[1] == 0xe9)) {
        *out_to = relative(address, bits, operand);
        return bytes[1] == 0xe8 ? PVI_SITE_CALL : PVI_SITE_JUMP;
    }
    *out_to = 0;
    return PVI_SITE_OTHER;
}

bool pvi_site_direct(uint8_t out_bytes[PVI_SITE_BYTES], uint64_t address,
                     unsigned bits, uint64_t target, bool jump)
{
    uint64_t distance = target - (address + PVI_SITE_BYTES);

    if (bits == 64 && distance + UINT64_C(0x80000000) > UINT32_MAX)
        return false;
    out_bytes[0] = ADDRESS_SIZE;
    out_bytes[1] = jump ? 0xe9 : 0xe8;
    for (unsigned i = 0; i < 4; i++)
        out_bytes[2 + i] = (uint8_t)(distance >> 8 * i);
    return true;
}

bool pvi_site_inline(uint8_t out_bytes[PVI_SITE_BYTES],
                     const struct pvi_body *body, const uint8_t *code,
                     unsigned bits)
{
    unsigned prefixes = PVI_SITE_BYTES - body->length;

    if (body->length > PVI_SITE_BYTES)
        return false;
    for (unsigned i = 0; i < PVI_SITE_BYTES; i++) {
        if (body->length == 0)
            out_bytes[i] = bits == 64 ? nop_64[i] : nop_32[i];
        else
            out_bytes[i] = i < prefixes ? body->pad : code[i - prefixes];
    }
    return true;
}
