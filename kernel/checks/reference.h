/* SPDX-License-Identifier: MIT */
/*
 * The platform's other clock, whichever there is, to compare ours with.
 */
#ifndef PVK_CHECKS_REFERENCE_H
#define PVK_CHECKS_REFERENCE_H

#include <pvops/pvops.h>

struct reference {
    const char *name;
    uint32_t hz;
    uint64_t mask; /* bits that count; it wraps after over two seconds */
    uint64_t (*read)(const struct reference *reference);
    uint16_t port;
    volatile const uint32_t *counter;
};

struct reference_sample {
    uint64_t ns;    /* ours */
    uint64_t ticks; /* its */
};

/* False if there is none, or none that counts. */
bool reference_find(const struct pvops_power_acpi *acpi,
                    const struct pvops_info *info,
                    struct reference *out_reference);

/* Both at one time, as near as can be had. */
void reference_sample(const struct reference *reference,
                      struct reference_sample *out_sample);

#endif /* PVK_CHECKS_REFERENCE_H */
