/* SPDX-License-Identifier: MIT */
/*
 * A backend that comes as a ROM: VMI 3.0 on i386, its 64-bit profile
 * (docs/vmi64.md) on x86-64. Compiled with PVOPS_VMI (config.h).
 *
 * The ROM's code runs with all rights of the kernel. Nothing but
 * pvops_host_rom() decides whether it may; no other check says that it is
 * good, only that it is well formed. Any fault found by pvops_setup() leaves
 * the kernel with the backend that it would have without a ROM, and one log
 * line that names the rule that was broken; a later one of a whole ROM is an
 * error of the boot CPU's pvops_cpu_setup().
 */
#ifndef PVOPS_ROM_H
#define PVOPS_ROM_H

#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * pvops_setup_options.rom: where to look for a ROM. NULL there: nowhere.
 *
 * i386: the option ROMs at 0xc0000 to 0xdffff, which run in place: the library
 * maps the first MiB but page 0 by pvops_host_map(), for good, and it must be
 * executable. One that moves the kernel out of ring 0 is refused.
 * x86-64: an ACPI table "VMIR" (not in a Xen PV domain), then 'module'.
 */
struct pvops_rom_options {
    /*
     * x86-64: page-aligned, readable, writable and executable, within 2 GiB of
     * the kernel's text or its calls go through the table; kept for good. The
     * copy that runs and behind it the ROM's state; nothing needs to write to
     * the copy after pvops_setup(). NULL: no ROM.
     */
    void *area;
    size_t area_bytes;
    /*
     * x86-64: the first boot module, mapped, or NULL. It carries a ROM if it is
     * a newc archive whose first member is "pvops/rom", stored plain. Only
     * read, and not after pvops_setup().
     */
    const void *module;
    size_t module_bytes;
    /*
     * i386: where the kernel maps RAM linearly, from physical address 0 on;
     * page tables are edited there. 0 bytes: the ROM is not told.
     */
    uintptr_t linear;
    size_t linear_bytes;
    /*
     * i386: the kernel uses no linear address from here to 4 GiB: a ROM may
     * have them. 0: it uses all, and a ROM that wants some is refused.
     */
    uintptr_t top;
    /* RSDP as for pvops_power_setup(). */
    pvops_paddr rsdp;
    /*
     * Ask pvops_host_rom() though memory is hidden from the hypervisor (SEV,
     * TDX), whose ROM would then see it all. Else such a ROM is refused.
     */
    bool confidential;
};

/* Where it was found. */
enum pvops_rom_place {
    PVOPS_ROM_OPTION = 0,      /* i386: an option ROM */
    PVOPS_ROM_ACPI = 1,        /* in the ACPI table */
    PVOPS_ROM_ACPI_REGION = 2, /* where the ACPI table says */
    PVOPS_ROM_MODULE = 3,
};

/*
 * A ROM. The strings are in the image, and NULL where it has none. What a ROM
 * says of itself is no proof of anything; 'sha256' is of all its bytes.
 */
struct pvops_rom {
    const void *image; /* x86-64: the copy that would run */
    size_t bytes;
    uint8_t sha256[32];
    enum pvops_rom_place place;
    pvops_paddr paddr; /* of what was found; 0 for a module */
    const char *manufacturer, *product, *licence;
    uint8_t api_major, api_minor;
    uint8_t rom_major, rom_minor;
    bool whole;        /* instead of a backend, not beside one */
    bool confidential; /* this guest's memory is hidden */
    uint32_t calls[8]; /* bit N of all: call N is served; after set-up */
};

/*
 * The ROM that is in use, with its calls; NULL: none.
 *
 * Context: after pvops_setup().
 */
const struct pvops_rom *pvops_rom_in_use(void);

/* VMI's name of a call of the ROM in use, "IRET"; NULL: there is none. */
const char *pvops_rom_call_name(unsigned call);

PVOPS_END_DECLS

#endif /* PVOPS_ROM_H */
