/* SPDX-License-Identifier: MIT */
/*
 * A ROM of the 64-bit profile whose code runs, and answers what a test says,
 * on the machine of pc.h.
 */
#ifndef VMI64_MACHINE_H
#define VMI64_MACHINE_H

#include "pc.h"

#include "acpi_image.h"
#include "rom_image.h"

enum {
    VMI64_AREA_BYTES = 16 * 4096,
    /* In the image: code of each call, which leads to 'functions' below. */
    VMI64_THUNKS = 0x400,
    VMI64_THUNK_BYTES = 16,
    /* Bytes that may stand in a site. */
    VMI64_BODIES = 0xe00,
};

struct vmi64_machine {
    struct rom_image rom; /* sealed by vmi64_in_module() and _in_acpi() */
    uint8_t *area;        /* executable, near the library */

    /*
     * What GetRelocationInfo says: targets are offsets in the image. 'later'
     * replaces them from the first call of Setup on, 'last' from the boot CPU's
     * CPUSetup on; NULL: nothing changes.
     */
    struct vmi64_relocation answers[VMI64_CALLS];
    void (*later)(void);
    void (*last)(void);

    uint32_t init_result, setup_result, cpu_result;
    /* What Setup fills in. */
    uint32_t caps, root_pages;
    uint16_t kernel_cs;
    struct vmi64_resources resources;

    /* What the code was given, and how often. */
    struct vmi64_init init;
    struct vmi64_cpu cpu;
    unsigned inits, setups, cpu_setups, cpu_teardowns;
    uint64_t now_ns;

    /* pvops_host_rom() */
    bool refuse;
    void (*when_asked)(void);
    unsigned asked;
    struct pvops_rom shown;

    struct acpi_image acpi;
    uint64_t region_paddr; /* 0: nothing is mapped there */
    uint8_t region[ROM_IMAGE_BYTES];
    uint8_t module[ROM_IMAGE_BYTES + 256];
    size_t module_bytes;
    struct pvops_rom_options options;
};
extern struct vmi64_machine vmi64;

/*
 * pc_reset(), a sound whole ROM that answers for the life cycle and for all of
 * time, no place where it is. The kernel wants it.
 */
void vmi64_reset(void);

/* CALL_REL to the code of that call. */
void vmi64_answer(unsigned call);

/* The ROM as it is now is where a kernel looks. */
void vmi64_in_module(void);
void vmi64_in_acpi(void);
void vmi64_in_region(uint64_t paddr);

/* pvops_probe() and pvops_setup(). */
enum pvops_status vmi64_setup(void);

/* The ROM is in use, and all of it as it was shown. */
void vmi64_expect_taken(void);

/*
 * It is not, and the kernel is as it would be without one; 'line' is in the
 * log. Sets up the boot CPU.
 */
void vmi64_expect_native(const char *line);

#endif /* VMI64_MACHINE_H */
