/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * VMI_Init: makes the state what the linker meant it to be, then lets the
 * backend look whether this is its platform. Nothing is asked for that outlives
 * a refusal: no page is given to a hypervisor, no timer is touched.
 */
#include "rom/x86_64/rom.h"

_Static_assert((int)VMI64_ENTRY_OTHER == (int)PVOPS_ENTRY_OTHER &&
                   (int)VMI64_ENTRY_PVH == (int)PVOPS_ENTRY_PVH &&
                   (int)VMI64_ENTRY_MULTIBOOT == (int)PVOPS_ENTRY_MULTIBOOT &&
                   (int)VMI64_ENTRY_XEN_PV == (int)PVOPS_ENTRY_XEN_PV,
               "an entry has two values");

struct rom_state rom;

/* rom.lds. What is in .data, and where it is kept. */
extern const uint64_t rom_base[];
extern const uint64_t rom_relocations[], rom_relocations_end[];
extern const uint64_t rom_data_image[];
extern uint64_t rom_data[], rom_data_end[];

/*
 * The words of .data that are addresses, by the packed list of ld's -z
 * pack-relative-relocs: an even entry is the place of one; an odd one says by
 * its bits 1 to 63 which of the next 63 words are.
 *
 * Source: System V ABI, gABI issue "SHT_RELR", "Relative relocation table".
 */
static void relocate(void)
{
    const uintptr_t base = (uintptr_t)rom_base;
    uint64_t *next = NULL;

    for (uint64_t *to = rom_data; to < rom_data_end; to++)
        *to = rom_data_image[to - rom_data];
    for (const uint64_t *entry = rom_relocations; entry < rom_relocations_end;
         entry++) {
        if (!(*entry & 1)) {
            next = (uint64_t *)(base + *entry);
            *next++ += base;
            continue;
        }
        for (unsigned bit = 1; bit < 64; bit++, next++) {
            if (*entry >> bit & 1)
                *next += base;
        }
    }
}

uint32_t rom_init(struct vmi64_init *init)
{
    relocate();
    if (init->bytes < sizeof(*init) || init->entry > VMI64_ENTRY_XEN_PV)
        return VMI64_E_INVALID;
    rom.init = *init;
    rom.probe.entry = (enum pvops_entry)init->entry;
    rom.probe.xen_start_info = (const void *)(uintptr_t)init->xen_start_info;
    rom.probe.xen_shared_info = (const void *)(uintptr_t)init->xen_shared_info;
    rom.probe.tsc_hz = init->tsc_hz;
    rom.probe.apic_hz = init->apic_hz;
    rom.probe.no_pit = true;
    pvops_probe(&rom.probe, &rom.info);
    if (!pvi_backend_rom.detect(&rom.info))
        return VMI64_E_DOES_NOT_FIT;

    pvi_tables_native();
    if (pvi_backend_rom.replace)
        pvi_backend_rom.replace();
    return VMI64_OK;
}
