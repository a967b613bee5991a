/* SPDX-License-Identifier: MIT */
/*
 * How much room everything takes.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, "Start-of-day memory layout";
 *         xen/arch/x86/pv/dom0_build.c, dom0_construct_pv().
 */
#include "domain/places.h"

#include "abi/xen_pv.h"
#include "layout.h"

#define MULTIPLE (4ull << 20) /* of what is mapped */
#define PADDING  (512ull << 10)

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

/* Tables of one level that cover 'begin' to 'end'. */
static uint64_t tables_of(uint64_t begin, uint64_t end, unsigned shift)
{
    return ((end - 1) >> shift) - (begin >> shift) + 1;
}

/* Without the root. */
static uint64_t tables_for(uint64_t begin, uint64_t end)
{
    return tables_of(begin, end, 39) + tables_of(begin, end, 30) +
           tables_of(begin, end, 21);
}

static void place_end(struct domain_layout *out)
{
    uint64_t tables = 0, needed = 2;

    while (tables != needed) {
        tables = needed;
        out->stack_end = out->tables + (tables + 1) * PAGE_BYTES;
        out->end = (out->stack_end + MULTIPLE - 1) & ~(MULTIPLE - 1);
        if (out->end - out->stack_end < PADDING)
            out->end += MULTIPLE;
        needed = 1 + tables_for(out->begin, out->end);
    }
    out->table_pages = tables;
}

void domain_lay_out(const struct kernel_image *image, uint64_t initrd_bytes,
                    uint64_t pages, struct domain_layout *out)
{
    bool initrd_apart = image->mod_start_pfn;
    uint64_t at = page_up(image->virt_end);

    *out = (struct domain_layout){
        .begin = image->virt_base,
        .kernel_end = at,
        .p2m_bytes = page_up(pages * 8),
        .p2m_apart = image->init_p2m != KERNEL_UNSET,
    };
    if (initrd_bytes && !initrd_apart) {
        out->initrd = at;
        out->initrd_frame = (at - out->begin) >> PAGE_BITS;
        at += page_up(initrd_bytes);
    }
    out->p2m = out->p2m_apart ? image->init_p2m : at;
    if (!out->p2m_apart)
        at += out->p2m_bytes;
    out->start_info = at;
    out->tables = at + PAGE_BYTES;
    place_end(out);

    out->frames = (out->end - out->begin) >> PAGE_BITS;
    if (out->p2m_apart) {
        out->p2m_frame = out->frames;
        out->p2m_table_pages = tables_for(out->p2m, out->p2m + out->p2m_bytes);
        out->frames += (out->p2m_bytes >> PAGE_BITS) + out->p2m_table_pages;
    }
    if (initrd_bytes && initrd_apart) {
        out->initrd_frame = out->frames;
        out->frames += page_up(initrd_bytes) >> PAGE_BITS;
    }
}
