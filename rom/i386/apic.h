/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * This CPU's local APIC, of which a kernel tells a ROM nothing.
 */
#ifndef ROM_APIC_H
#define ROM_APIC_H

#include "state.h"

enum rom_apic {
    ROM_APIC_UNKNOWN = 0,
    ROM_APIC_MAPPED = 1,
    ROM_APIC_X2APIC = 2,
};

/*
 * Find it, and how fast its timer counts: 10 ms when it is first asked for,
 * unless the hypervisor tells. False: it is off, or mapped nowhere.
 */
bool rom_apic_find(struct rom_state *state);

/* After that. */
uint32_t rom_apic_read(const struct rom_state *state, uint32_t at);
void rom_apic_write(const struct rom_state *state, uint32_t at, uint32_t value);

#endif /* ROM_APIC_H */
