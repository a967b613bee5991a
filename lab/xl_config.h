/* SPDX-License-Identifier: MIT */
/*
 * xl's description of a domain.
 */
#ifndef LAB_XL_CONFIG_H
#define LAB_XL_CONFIG_H

#include "plan.h"
#include "qemu.h"

/* The text of a configuration file; the caller frees it. */
char *xl_config(const struct plan *plan, const struct qemu_files *files);

#endif /* LAB_XL_CONFIG_H */
