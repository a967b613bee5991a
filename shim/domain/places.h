/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of a new domain are, as Xen's builder has them: kernel,
 * initrd, p2m list, start_info, page tables, stack.
 */
#ifndef SHIM_DOMAIN_PLACES_H
#define SHIM_DOMAIN_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"

/* Virtual addresses, but for what says frame: pseudo-physical there. */
struct domain_layout {
    uint64_t begin, end; /* all that is mapped at virt_base */
    uint64_t kernel_end;
    uint64_t initrd; /* 0: not mapped */
    uint64_t p2m, p2m_bytes;
    bool p2m_apart; /* not between 'begin' and 'end' */
    uint64_t start_info;
    uint64_t tables, table_pages;
    uint64_t stack_end;

    uint64_t initrd_frame;
    uint64_t p2m_frame; /* if it is apart; then its tables */
    uint64_t p2m_table_pages;
    uint64_t frames; /* all of it, from 0 on */
};

void domain_lay_out(const struct kernel_image *image, uint64_t initrd_bytes,
                    uint64_t pages, struct domain_layout *out);

#endif /* SHIM_DOMAIN_PLACES_H */
