/* SPDX-License-Identifier: MIT */
/*
 * The programs of the initrd.
 */
#ifndef PVK_PROC_INIT_H
#define PVK_PROC_INIT_H

/*
 * If there is an initrd with /init: run it until it has ended, and check that
 * it ended with 0 and that every page came back. What its programs say in
 * PVLAB lines counts as pvk's own. Context: after pvops_seal().
 */
void init_run(void);

#endif /* PVK_PROC_INIT_H */
