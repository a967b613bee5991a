/* SPDX-License-Identifier: MIT */
/*
 * What Xen, or its tools, hand over to a PV domain.
 *
 * Its builder maps all that it made, from page 0 on, at the VIRT_BASE of the
 * image's notes (PADDR_OFFSET is 0), and tells addresses there.
 */
#include "boot/boot.h"

#include <string.h>

#include "boot/abi.h"

enum {
    FRAME_BYTES = 4096,
    /* The builder maps up to a multiple of this, and at least PADDING more. */
    MAPPED_MULTIPLE = 4 << 20,
    PADDING = 512 << 10,
};

/*
 * In this order: kernel, module, list of frames, start_info, rings, page
 * tables, a stack of one page. "If less than 512kB of padding remain, 4MB more
 * are mapped."
 *
 * Source: xen/include/public/xen.h, "Start-of-day memory layout".
 */
static const char *find_ends(const struct boot_reach *reach,
                             const struct start_info *start, struct boot *boot)
{
    uint64_t tables = start->pt_base - reach->virt_base;
    uint64_t ram_end, used_end, mapped_end;

    if (start->nr_pages > BOOT_PADDR_END / FRAME_BYTES)
        return "start_info tells of more pages than there are addresses";
    if (tables > BOOT_PADDR_END || start->nr_pt_frames > start->nr_pages ||
        tables % FRAME_BYTES || !start->nr_pt_frames)
        return "start_info's page tables cannot be where it says";

    ram_end = start->nr_pages * FRAME_BYTES;
    used_end = tables + (start->nr_pt_frames + 1) * FRAME_BYTES;
    mapped_end =
        (used_end + MAPPED_MULTIPLE - 1) & ~(uint64_t)(MAPPED_MULTIPLE - 1);
    if (mapped_end - used_end < PADDING)
        mapped_end += MAPPED_MULTIPLE;
    if (used_end > ram_end)
        return "start_info's page tables lie beyond its memory";
    boot->xen_used_end = used_end;
    boot->xen_mapped_end = mapped_end < ram_end ? mapped_end : ram_end;
    return boot_add_region(boot, 0, ram_end, MEMORY_RAM);
}

/*
 * Mapped, it lies before start_info; where the image's notes allow it, the
 * builder puts it behind all that it maps, and tells its frame.
 *
 * Source: xen/include/public/xen.h, struct start_info, "Start-of-day memory
 *         layout" 3.b; elfnote.h, XEN_ELFNOTE_MOD_START_PFN.
 */
static const char *read_module(const struct boot_reach *reach,
                               const struct start_info *start, uint64_t info,
                               struct boot *boot)
{
    uint64_t base = start->mod_start;

    if (!start->mod_len)
        return NULL;
    if (start->flags & SIF_MULTIBOOT_MOD)
        return "Xen's module is a package of several: not supported";
    if (start->flags & SIF_MOD_START_PFN) {
        if (base > BOOT_PADDR_END / FRAME_BYTES)
            return "a module lies beyond 52 bits of address";
        base *= FRAME_BYTES;
        if (base < boot->xen_mapped_end)
            return "Xen's module lies in what its builder says it mapped";
    } else {
        base -= reach->virt_base;
        if (base > info || start->mod_len > info - base)
            return "Xen's module does not lie before start_info";
    }
    return boot_add_module(boot, base, start->mod_len);
}

const char *boot_read_xen_pv(const struct boot_reach *reach, uint64_t info,
                             struct boot *boot)
{
    struct start_info start;
    const char *why;

    if (!boot_copy(reach, info, &start, sizeof(start)))
        return "Xen's start_info lies out of reach";
    if (memcmp(start.magic, "xen-", 4))
        return "Xen's start_info has a wrong magic number";

    why = find_ends(reach, &start, boot);
    if (!why)
        why = boot_take_cmdline(boot, reach,
                                info + offsetof(struct start_info, cmd_line),
                                sizeof(start.cmd_line));
    return why ? why : read_module(reach, &start, info, boot);
}
