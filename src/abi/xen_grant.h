/* SPDX-License-Identifier: MIT */
/*
 * What a domain asks of Xen about its own grant table. Facts only; names as in
 * the source.
 *
 * Source: Xen 4.17 xen/include/public/grant_table.h; xen/common/grant_table.c
 *         (error numbers).
 */
#ifndef ABI_XEN_GRANT_H
#define ABI_XEN_GRANT_H

#include "abi/xen.h"

/* Commands of __HYPERVISOR_grant_table_op: command, array, its length. */
#define GNTTABOP_setup_table 2u
#define GNTTABOP_query_size  6u
#define GNTTABOP_set_version 8u
#define GNTTABOP_get_version 10u

#define GNTST_okay          0
#define GNTST_general_error (-1)
#define GNTST_bad_domain    (-2)

struct gnttab_setup_table {
    uint16_t dom;
    uint32_t nr_frames;
    int16_t status;      /* out: GNTST_* */
    uint64_t frame_list; /* address of frame numbers, out */
};

struct gnttab_query_size {
    uint16_t dom;
    uint32_t nr_frames; /* out */
    uint32_t max_nr_frames;
    int16_t status;
};

struct gnttab_set_version {
    uint32_t version; /* 1 or 2 */
};

struct gnttab_get_version {
    uint16_t dom;
    uint16_t pad;
    uint32_t version; /* out */
};

ABI_SIZE(struct gnttab_query_size, 16);
ABI_SIZE(struct gnttab_set_version, 4);
ABI_SIZE(struct gnttab_get_version, 8);
#ifdef __x86_64__
ABI_SIZE(struct gnttab_setup_table, 24);
#endif

#endif /* ABI_XEN_GRANT_H */
