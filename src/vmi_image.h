/* SPDX-License-Identifier: MIT */
/*
 * A ROM's bytes, checked against every rule of VMI 3.0 or of its 64-bit
 * profile. Numbers and bytes only, so that pvlab rom runs the very code that
 * decides in a kernel.
 */
#ifndef PVOPS_VMI_IMAGE_H
#define PVOPS_VMI_IMAGE_H

#include <pvops/types.h>

#include "abi/vmi64.h"

/* In the order in which they are looked at; a set of them is a set of bits. */
enum pvi_rom_rule {
    PVI_ROM_SHORT = 0,     /* fewer bytes than the header has */
    PVI_ROM_SIGNATURE,     /* 55 AA */
    PVI_ROM_VMI_SIGNATURE, /* cVmi */
    PVI_ROM_VERSION,       /* API major */
    PVI_ROM_LENGTH,        /* 0, or beyond what is there */
    PVI_ROM_CHECKSUM,      /* all bytes add up to 0 */
    PVI_ROM_PCI_MISSING,   /* VMI 3.0: offset 0 */
    PVI_ROM_PCI_OUTSIDE,   /* beyond the image, or across the header's code */
    PVI_ROM_PCI_SIGNATURE, /* PCIR */
    PVI_ROM_PNP_OUTSIDE,
    PVI_ROM_PNP_SIGNATURE, /* $PnP */
    PVI_ROM_OVERLAP,       /* PCI and PnP structure, or one and a string */
    PVI_ROM_STRING,        /* outside, without end, or not ASCII */
    PVI_ROM_LICENCE,       /* VMI 3.0: neither "GPL" nor "GPL v2" */
    PVI_ROM_VIRTUAL_TOP,   /* VMI 3.0: not on a page, or below 3 GiB + 64 MiB */
    PVI_ROM_STUB,      /* VMI 3.0: 03h is no instruction that could be one */
    PVI_ROM_ENTRY,     /* 80h or 88h: all zero or all ones */
    PVI_ROM_ALIGNMENT, /* vmi64: not whole pages */
    PVI_ROM_RESERVED,  /* vmi64: a reserved field is not 0 */
    PVI_ROM_STATE,     /* vmi64: more state than PVI_ROM_MOST_STATE */
    PVI_ROM_CPU,       /* vmi64: the CPU's area is inconsistent */
    PVI_ROM_FLAGS,     /* vmi64: unknown, or Xen PV and not whole */
    PVI_ROM_RULES
};
#define PVI_ROM_MOST_STATE (256u * 1024)

struct pvi_rom_image {
    const uint8_t *bytes;
    size_t length;
    const struct vmi_header *header;
    const struct vmi_pci *pci;                               /* NULL: none */
    const struct vmi_pnp *pnp;                               /* NULL: none */
    const struct vmi64_header *vmi64;                        /* NULL: VMI 3.0 */
    const char *manufacturer, *product, *licence, *platform; /* or NULL */
};

/*
 * Look at the ROM at 'bytes', of which 'most' may be read, as one of API
 * 'major' (3 or 64). Returns the rules that it breaks, 0 if it breaks none;
 * fields of 'out_image' that a broken rule concerns are NULL or 0. Does not
 * look at code: what the entry points answer is checked when they do.
 */
uint32_t pvi_rom_check(const uint8_t *bytes, size_t most, unsigned major,
                       struct pvi_rom_image *out_image);

/* "the checksum is not 0" */
const char *pvi_rom_rule_text(enum pvi_rom_rule rule);

#endif /* PVOPS_VMI_IMAGE_H */
