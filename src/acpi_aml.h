/* SPDX-License-Identifier: MIT */
/*
 * The one thing that power-off needs of the DSDT's byte code: the constants
 * of \_S5.
 *
 * Part of acpi.c. The code is searched, not interpreted: a \_S5 that is
 * computed is not found, and methods (\_PTS) are not run.
 */
#ifndef PVOPS_ACPI_AML_H
#define PVOPS_ACPI_AML_H

#include "abi/acpi.h"

struct aml {
    const uint8_t *at;
    const uint8_t *end;
};

static bool aml_take(struct aml *aml, uint8_t *out_byte)
{
    if (aml->at >= aml->end)
        return false;
    *out_byte = *aml->at++;
    return true;
}

/* Shortens 'aml' to the package that begins here, which must lie in it. */
static bool aml_enter_package(struct aml *aml)
{
    const uint8_t *start = aml->at;
    uint8_t lead, next;
    uint32_t length;

    if (!aml_take(aml, &lead))
        return false;
    length = lead & 0x3f;
    if (lead >> 6) {
        length &= 0x0f;
        for (unsigned i = 0; i < lead >> 6; i++) {
            if (!aml_take(aml, &next))
                return false;
            length |= (uint32_t)next << (4 + 8 * i);
        }
    }
    if (length > (size_t)(aml->end - start))
        return false;
    aml->end = start + length; /* may be before 'at': there is nothing */
    return true;
}

/* An integer constant; of a long one the lowest 16 bits. */
static bool aml_integer(struct aml *aml, uint16_t *out_value)
{
    uint8_t prefix, byte;
    unsigned bytes;

    if (!aml_take(aml, &prefix))
        return false;
    switch (prefix) {
    case AML_ZERO:
    case AML_ONE:
        *out_value = prefix;
        return true;
    case AML_BYTE:
        bytes = 1;
        break;
    case AML_WORD:
        bytes = 2;
        break;
    case AML_DWORD:
        bytes = 4;
        break;
    case AML_QWORD:
        bytes = 8;
        break;
    default:
        return false;
    }
    *out_value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!aml_take(aml, &byte))
            return false;
        if (i < 2)
            *out_value |= (uint16_t)(byte << 8 * i);
    }
    return true;
}

/* Behind the name: a package with SLP_TYPa and SLP_TYPb. */
static bool aml_s5_values(struct aml aml, uint8_t *out_a, uint8_t *out_b)
{
    uint8_t byte, count;
    uint16_t a, b;

    if (!aml_take(&aml, &byte) || byte != AML_PACKAGE ||
        !aml_enter_package(&aml) || !aml_take(&aml, &count) ||
        !aml_integer(&aml, &a))
        return false;
    /* A single one has both, as ACPI 1.0 packed them. */
    if (count == 1)
        b = a >> 8;
    else if (!aml_integer(&aml, &b))
        return false;
    if (count == 1)
        a &= 0xff;
    if (a > ACPI_SLP_TYP_MAX || b > ACPI_SLP_TYP_MAX)
        return false;
    *out_a = (uint8_t)a;
    *out_b = (uint8_t)b;
    return true;
}

/* The first \_S5 in 'bytes' of AML that is a name with constants. */
static bool aml_s5(const uint8_t *code, size_t bytes, uint8_t *out_a,
                   uint8_t *out_b)
{
    static const char name[4] = { '_', 'S', '5', '_' };

    for (size_t i = 1; i + sizeof(name) <= bytes; i++) {
        struct aml behind = { code + i + sizeof(name), code + bytes };
        bool named =
            code[i - 1] == AML_NAME ||
            (i >= 2 && code[i - 1] == AML_ROOT && code[i - 2] == AML_NAME);

        for (size_t k = 0; named && k < sizeof(name); k++)
            named = code[i + k] == (uint8_t)name[k];
        if (named && aml_s5_values(behind, out_a, out_b))
            return true;
    }
    return false;
}

#endif /* PVOPS_ACPI_AML_H */
