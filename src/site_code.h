/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a call site: read and made, for either width.
 *
 * Works on bytes and numbers only, so that pvlab sites runs the very code that
 * seals in a kernel.
 */
#ifndef PVOPS_SITE_CODE_H
#define PVOPS_SITE_CODE_H

#include <pvops/types.h>

#define PVI_SITE_BYTES 6

/* How a body of x86/body.h is described; the table ends with kind 0. */
struct pvi_body {
    int32_t function; /* from here */
    uint8_t skip;     /* from the function to the body: ENDBR */
    uint8_t length;
    uint8_t pad; /* redundant prefix */
    uint8_t kind;
};
#define PVI_BODY_END  0
#define PVI_BODY_CODE 1

/* What is at a site. */
enum pvi_site_kind {
    PVI_SITE_OTHER = 0,
    PVI_SITE_TABLE_CALL, /* call *slot */
    PVI_SITE_TABLE_JUMP, /* jmp *slot */
    PVI_SITE_CALL,       /* call target */
    PVI_SITE_JUMP,       /* jmp target */
};

/*
 * What the 6 bytes at 'address' are. '*out_to' is the address of the table's
 * slot, or of the target; 0 for PVI_SITE_OTHER. 'bits' is 64 or 32.
 */
enum pvi_site_kind pvi_site_read(const uint8_t bytes[PVI_SITE_BYTES],
                                 uint64_t address, unsigned bits,
                                 uint64_t *out_to);

/*
 * One instruction of 6 bytes that calls 'target', or jumps there. False if it
 * is out of range.
 */
bool pvi_site_direct(uint8_t out_bytes[PVI_SITE_BYTES], uint64_t address,
                     unsigned bits, uint64_t target, bool jump);

/*
 * 'body', whose bytes are at 'code', padded to 6 bytes; a NOP if it is empty.
 * False if it is too long.
 */
bool pvi_site_inline(uint8_t out_bytes[PVI_SITE_BYTES],
                     const struct pvi_body *body, const uint8_t *code,
                     unsigned bits);

#endif /* PVOPS_SITE_CODE_H */
