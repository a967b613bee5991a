/* SPDX-License-Identifier: MIT */
/*
 * The active program's memory, by its own addresses.
 */
#ifndef PVK_ARCH_USER_H
#define PVK_ARCH_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Copy from and to the program's address. False if the CPU did not allow it:
 * some bytes may have been copied.
 *
 * Context: x86-64; the space is active. All bytes are below SPACE_END: the
 * CPU's rights are the kernel's, which reach the upper half. What is below, the
 * kernel may write only where the program may: CR0.WP is set.
 */
bool user_copy_in(void *to, uint64_t from, size_t bytes);
bool user_copy_out(uint64_t to, const void *from, size_t bytes);

#endif /* PVK_ARCH_USER_H */
