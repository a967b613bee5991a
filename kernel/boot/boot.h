/* SPDX-License-Identifier: MIT */
/*
 * What the loader told, whichever it was, checked and copied.
 *
 * Nothing here trusts the loader: each byte is read through boot_copy(), each
 * count and each range has a bound. What does not hold is refused with one
 * sentence. These files use nothing of the kernel's but memcpy(), so that
 * tests/fuzz can feed them on the host.
 */
#ifndef PVK_BOOT_BOOT_H
#define PVK_BOOT_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/doors.h"

enum {
    BOOT_MAX_REGIONS = 256,
    BOOT_MAX_MODULES = 16,
    BOOT_CMDLINE_BYTES = 2048,
};

/* Physical addresses have at most 52 bits. Source: Intel SDM 3, 4.1.4. */
#define BOOT_PADDR_END (UINT64_C(1) << 52)

struct boot_range {
    uint64_t base;
    uint64_t bytes;
};

struct boot_region {
    struct boot_range range;
    uint32_t type; /* E820's */
    bool ram;
};

struct boot {
    unsigned door;         /* DOOR_* */
    const char *door_name; /* "pvh", "multiboot1", "multiboot2", "xen_pv" */
    char cmdline[BOOT_CMDLINE_BYTES];
    uint64_t rsdp; /* physical; 0: the loader did not tell */
    size_t region_count;
    struct boot_region regions[BOOT_MAX_REGIONS];
    /*
     * In the loader's order, no empty one; Xen PV: pseudo-physical. QEMU's PVH
     * rounds a size up to 4 bytes, xl's to a page in a PV domain: zeros follow.
     */
    size_t module_count;
    struct boot_range modules[BOOT_MAX_MODULES];
    /* Multiboot: what the loader was told with the first one. */
    char module_text[BOOT_CMDLINE_BYTES];
    /* Xen PV: what Xen's builder put into memory, and what it mapped. */
    uint64_t xen_used_end;
    uint64_t xen_mapped_end;
};

/*
 * Physical memory that may be read now: 'bytes' of it lie at 'first', and the
 * CPU sees them at 'view'. Xen PV: its builder tells virtual addresses, by the
 * VIRT_BASE of the image's notes above physical ones.
 */
struct boot_reach {
    const uint8_t *view;
    uint64_t first;
    uint64_t bytes;
    uint64_t virt_base;
};

/*
 * reach.c: what the entry code of 'door' maps; in a Xen PV domain start_info's
 * page, which tells how far the builder mapped. Not on the host.
 */
struct boot_reach boot_reach_at(unsigned door, uint64_t info);

/* False if a byte is out of reach; then nothing was copied. */
bool boot_copy(const struct boot_reach *reach, uint64_t at, void *out,
               size_t bytes);

/*
 * Read what the loader of 'door' left at 'info'. NULL, or why it is refused.
 * 'magic' is what a Multiboot loader left in EAX.
 */
const char *boot_read(const struct boot_reach *reach, unsigned door,
                      uint64_t info, uint32_t magic, struct boot *out_boot);

/*
 * Look at the whole: no region of RAM overlaps another region; 'image', the
 * kernel itself, and each module lie in RAM, apart from one another. NULL, or
 * why it is refused.
 */
const char *boot_check(const struct boot *boot, struct boot_range image);

/* One file for each loader. */
const char *boot_read_pvh(const struct boot_reach *reach, uint64_t info,
                          struct boot *boot);
const char *boot_read_multiboot1(const struct boot_reach *reach, uint64_t info,
                                 uint32_t magic, struct boot *boot);
const char *boot_read_multiboot2(const struct boot_reach *reach, uint64_t info,
                                 uint32_t magic, struct boot *boot);
const char *boot_read_xen_pv(const struct boot_reach *reach, uint64_t info,
                             struct boot *boot);

/* For those: each returns NULL, or why not. An empty range is left out. */
const char *boot_add_region(struct boot *boot, uint64_t base, uint64_t bytes,
                            uint32_t type);
const char *boot_add_module(struct boot *boot, uint64_t base, uint64_t bytes);
/* A string of at most 'most' bytes, its NUL included, at 'at'. */
const char *boot_take_cmdline(struct boot *boot, const struct boot_reach *reach,
                              uint64_t at, uint64_t most);
/* The same, with the module that was added last; kept if it is the first. */
const char *boot_take_module_text(struct boot *boot,
                                  const struct boot_reach *reach, uint64_t at,
                                  uint64_t most);

/*
 * xen_memory.c: ask Xen for the map, which its PVH dom0 is not given in any
 * other way. For a kernel that was entered by PVH and found Xen. Not on the
 * host.
 */
const char *boot_ask_xen(struct boot *boot);

/*
 * damage.c: make what the loader left at 'info' wrong in the way that is
 * named, so that boot_read() can be seen to refuse it. False if there is no
 * such way. Not on the host.
 */
bool boot_damage(const char *way, unsigned door, uint64_t info);

#endif /* PVK_BOOT_BOOT_H */
