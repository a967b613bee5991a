/* SPDX-License-Identifier: MIT */
/*
 * xl's description of a domain.
 */
#ifndef LAB_OUTER_XL_CONFIG_H
#define LAB_OUTER_XL_CONFIG_H

#include "plan/plan.h"
#include "qemu/qemu.h"

/* The text of a configuration file; the caller frees it. */
char *xl_config(const struct plan *plan, const struct qemu_files *files);

#endif /* LAB_OUTER_XL_CONFIG_H */
