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
    PVI_ROM_PCI_OUTSIDE,   /* beyond the image, or across the header */
    PVI_ROM_PCI_ALIGNMENT, /* not at a multiple of 4 */
    PVI_ROM_PCI_SIGNATURE, /* PCIR */
    PVI_ROM_PNP_OUTSIDE,
    PVI_ROM_PNP_ALIGNMENT, /* at an odd offset: its fields are words */
    PVI_ROM_PNP_SIGNATURE, /* $PnP */
    PVI_ROM_OVERLAP,       /* PCI and PnP structure, or one and a string */
    PVI_ROM_STRING,        /* outside, across the header, without end, too long
                              (vmi64: 63 bytes), or not printable ASCII */
    PVI_ROM_LICENCE,       /* VMI 3.0: neither "GPL" nor "GPL v2" */
    PVI_ROM_VIRTUAL_TOP,   /* VMI 3.0: not on a page, or below 3 GiB + 64 MiB;
                              vmi64: not 0 */
    PVI_ROM_STUB,          /* VMI 3.0: no far return and no jump in 4 bytes, or
                              one out of the image; vmi64: not CB 00 00 00 */
    PVI_ROM_ENTRY,         /* 80h or 88h: all zero, all ones, or a jump out */
    PVI_ROM_ALIGNMENT,     /* vmi64: not whole pages */
    PVI_ROM_RESERVED,      /* vmi64: a reserved field is not 0 */
    PVI_ROM_STATE,         /* vmi64: not whole pages, or more than the most */
    PVI_ROM_CPU,           /* vmi64: the CPU's area is inconsistent */
    PVI_ROM_FLAGS,         /* vmi64: unknown, or Xen PV and not whole */
    PVI_ROM_RULES
};
#define PVI_ROM_MOST_STATE  (256u * 1024)
#define PVI_ROM_MOST_CPU    4096u
#define PVI_ROM_MOST_STRING 63u /* vmi64; without the final NUL */
#define PVI_ROM_LEAST_TOP   0xc4000000u

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
 * 'major' (3 or 64). Returns the rules that it breaks, 0 if it breaks none:
 * each that can be told without one that is broken already. Fields of
 * 'out_image' that a broken rule concerns are NULL or 0. Does not look at code:
 * what the entry points answer is checked when they do.
 *
 * Context: 'bytes' is aligned to 4, as what it points to has words.
 */
uint32_t pvi_rom_check(const uint8_t *bytes, size_t most, unsigned major,
                       struct pvi_rom_image *out_image);

/*
 * vmi64: whether a kernel can go on if nothing is done for this call: the
 * answer may be NOP, or INLINE of no bytes.
 */
bool pvi_rom_may_be_nop(unsigned call);

/* "the checksum is not 0" */
const char *pvi_rom_rule_text(enum pvi_rom_rule rule);

#endif /* PVOPS_VMI_IMAGE_H */
