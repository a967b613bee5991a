/* SPDX-License-Identifier: MIT */
/*
 * Instructions that the counting plugin knows by their bytes.
 */
#ifndef LAB_WHERE_DECODE_H
#define LAB_WHERE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Length of the prefixes; of them, REP or REPNE.
 *
 * Source: Intel SDM volume 2, 2.1.1 "Instruction Prefixes", 2.2.1 "REX".
 */
static inline size_t prefixes_of(const uint8_t *bytes, size_t size,
                                 bool *out_rep)
{
    static const uint8_t legacy[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
                                      0x66, 0x67, 0xf0, 0xf2, 0xf3 };
    size_t i = 0;

    *out_rep = false;
    for (; i < size && memchr(legacy, bytes[i], sizeof(legacy)); i++)
        *out_rep |= bytes[i] == 0xf2 || bytes[i] == 0xf3;
    /* REX; outside 64-bit mode an INC or DEC, which then is the last byte. */
    if (i < size && (bytes[i] & 0xf0) == 0x40)
        i++;
    return i;
}

/* INS, OUTS, MOVS, CMPS, STOS, LODS or SCAS with REP: nothing else repeats. */
static inline bool is_rep_string(const uint8_t *bytes, size_t size)
{
    bool rep;
    size_t i = prefixes_of(bytes, size, &rep);

    if (!rep || i >= size)
        return false;
    return (bytes[i] >= 0x6c && bytes[i] <= 0x6f) ||
           (bytes[i] >= 0xa4 && bytes[i] <= 0xa7) ||
           (bytes[i] >= 0xaa && bytes[i] <= 0xaf);
}

/*
 * Source: Intel SDM volume 2, SYSCALL (0f 05), SYSENTER (0f 34), VMCALL
 *         (0f 01 c1); AMD64 APM volume 3, VMMCALL (0f 01 d9).
 */
static inline bool is_call_below(const uint8_t *bytes, size_t size)
{
    bool rep;
    size_t i = prefixes_of(bytes, size, &rep);

    if (size - i < 2 || bytes[i] != 0x0f)
        return false;
    if (size - i == 2)
        return bytes[i + 1] == 0x05 || bytes[i + 1] == 0x34;
    return size - i == 3 && bytes[i + 1] == 0x01 &&
           (bytes[i + 2] == 0xc1 || bytes[i + 2] == 0xd9);
}

/* Source: AMD64 APM volume 3, "VMRUN": 0f 01 d8. */
static inline bool is_vmrun(const uint8_t *bytes, size_t size)
{
    static const uint8_t vmrun[] = { 0x0f, 0x01, 0xd8 };
    bool rep;
    size_t i = prefixes_of(bytes, size, &rep);

    return size - i == sizeof(vmrun) && !memcmp(bytes + i, vmrun, size - i);
}

#endif /* LAB_WHERE_DECODE_H */
